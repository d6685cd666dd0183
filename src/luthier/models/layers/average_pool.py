"""Average-pooling."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.layers.layer import Layer, Shape, check_fits, check_padding, picture


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
        check_fits(self.name, picture(self.name, shape), self.kernel, self.padding)
        return nn.AvgPool2d(self.kernel, self.stride, self.padding)
