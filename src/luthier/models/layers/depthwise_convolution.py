"""Depthwise convolution."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.layers.layer import Layer, Shape, check_fits, picture


class DepthwiseConvolution(Layer):
    """Convolve each map of pictures (C, H, W) by itself, which leaves C times multiplier maps.

    >>> DepthwiseConvolution(padding=1).build((8, 7, 5)).weight.shape
    torch.Size([8, 1, 3, 3])
    """

    name = "depthwise-convolution"
    card = Card(
        summary="Depthwise convolution: each map by itself, cheap in parameters.",
        source="Chollet, Xception: deep learning with depthwise separable convolutions, 2017",
    )

    multiplier: int = hyperparameter(
        1, bounds=Range(1), search=Search(1, 4), description="output maps for each input map"
    )
    kernel: int = hyperparameter(
        3, bounds=Range(1), search=Search(3, 7), description="side of the kernels; 1 only scales each map"
    )
    stride: int = hyperparameter(
        1, bounds=Range(1), search=Search(1, 2), description="pixels from place to place; 1 visits each"
    )
    padding: int = hyperparameter(
        0, bounds=Range(0), search=Search(0, 3), description="zeros around the picture; 0 is none"
    )
    dilation: int = hyperparameter(
        1, bounds=Range(1), search=Search(1, 4), description="pixels from tap to tap of a kernel; 1 is the dense kernel"
    )

    def build(self, shape: Shape) -> nn.Module:
        channels, *_ = picture(self.name, shape)
        check_fits(self.name, shape, self.dilation * (self.kernel - 1) + 1, self.padding)
        maps = channels * self.multiplier
        return nn.Conv2d(channels, maps, self.kernel, self.stride, self.padding, self.dilation, groups=channels)
