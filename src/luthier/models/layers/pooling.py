"""Pooling: largest values, means, the mean of a whole map, trainable subsampling."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.layers.layer import Layer, Shape, check_fits, check_padding, check_picture
from luthier.models.modules import TrainableSubsampling


class MaxPool(Layer):
    """Keep the largest value of each window of pictures (C, H, W); padding never wins.

    >>> import torch
    >>> MaxPool(kernel=2).build((1, 2, 2))(torch.tensor([[[[1.0, 2.0], [3.0, 6.0]]]])).item()
    6.0
    """

    name = "max-pool"
    card = Card(
        summary="Max-pooling: the largest value of each window.",
        source="Riesenhuber and Poggio, Hierarchical models of object recognition in cortex, 1999",
    )

    kernel: int = hyperparameter(
        2, bounds=Range(1), search=Search(2, 3), description="side of the window; 1 with stride 1 changes none"
    )
    stride: int | None = hyperparameter(
        None, bounds=Range(1), description="pixels from window to window; the kernel by default"
    )
    padding: int = hyperparameter(
        0, bounds=Range(0), description="pixels around the picture; 0 is none, half the kernel the most"
    )

    def build(self, shape: Shape) -> nn.Module:
        check_padding(self.name, self.kernel, self.padding)
        check_fits(self.name, check_picture(self.name, shape), self.kernel, self.padding)
        return nn.MaxPool2d(self.kernel, self.stride, self.padding)


class AveragePool(Layer):
    """Replace each window of pictures (C, H, W) by its mean; padded zeros count as values.

    >>> import torch
    >>> AveragePool(kernel=2).build((1, 2, 2))(torch.tensor([[[[1.0, 2.0], [3.0, 6.0]]]])).item()
    3.0
    """

    name = "average-pool"
    card = Card(
        summary="Average-pooling: the mean of each window.",
        source="LeCun, Boser, Denker, Henderson, Howard, Hubbard and Jackel, Handwritten digit recognition with a "
        "back-propagation network, 1989",
    )

    kernel: int = hyperparameter(
        2, bounds=Range(1), search=Search(2, 3), description="side of the window; 1 with stride 1 changes none"
    )
    stride: int | None = hyperparameter(
        None, bounds=Range(1), description="pixels from window to window; the kernel by default"
    )
    padding: int = hyperparameter(
        0, bounds=Range(0), description="zeros around the picture; 0 is none, half the kernel the most"
    )

    def build(self, shape: Shape) -> nn.Module:
        check_padding(self.name, self.kernel, self.padding)
        check_fits(self.name, check_picture(self.name, shape), self.kernel, self.padding)
        return nn.AvgPool2d(self.kernel, self.stride, self.padding)


class GlobalAveragePool(Layer):
    """Replace each map of pictures (C, H, W) by its mean, which leaves (C,).

    >>> import torch
    >>> GlobalAveragePool().build((2, 3, 5))(torch.ones(1, 2, 3, 5))
    tensor([[1., 1.]])
    """

    name = "global-average-pool"
    card = Card(
        summary="Global average-pooling: each map becomes its mean.",
        source="Lin, Chen and Yan, Network in network, 2014",
    )

    def build(self, shape: Shape) -> nn.Module:
        check_picture(self.name, shape)
        return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())


class Subsampling(Layer):
    """Sum each block of 2x2 pixels of (C, H, W), times a coefficient and plus a bias that each map learns.

    >>> sum(p.numel() for p in Subsampling().build((6, 28, 28)).parameters())
    12
    """

    name = "subsampling"
    card = Card(
        summary="Trainable subsampling: a coefficient and a bias per map on the sum of 2x2 pixels.",
        source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
    )

    def build(self, shape: Shape) -> nn.Module:
        maps, *_ = check_picture(self.name, shape)
        check_fits(self.name, shape, 2)
        return TrainableSubsampling(maps)
