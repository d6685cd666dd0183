"""Convolutions: full, depthwise, and by a table of connections."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.errors import BadInput
from luthier.models.layers.layer import Layer, Shape, check_fits, check_picture
from luthier.models.modules import TableConv2d
from luthier.models.modules.lenet_1998 import C3_TABLE


class Convolution(Layer):
    """Slide square kernels over pictures (C, H, W); every output map sees all input maps, or those of its group.

    >>> Convolution(maps=6, kernel=5).build((1, 32, 32))
    Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))
    """

    name = "convolution"
    card = Card(
        summary="Convolution, also strided, dilated and in groups.",
        source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
    )

    maps: int = hyperparameter(
        32, bounds=Range(1), search=Search(8, 256, log=True), description="number of output maps"
    )
    kernel: int = hyperparameter(
        3, bounds=Range(1), search=Search(1, 7), description="side of the kernels; 1 mixes the maps only"
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
    groups: int = hyperparameter(
        1, bounds=Range(1), description="parts that the maps fall into, each convolved alone; 1 is all with all"
    )

    def build(self, shape: Shape) -> nn.Module:
        channels, *_ = check_picture(self.name, shape)
        if channels % self.groups or self.maps % self.groups:
            raise BadInput(
                f"{self.name}.groups must divide the {channels} input and the {self.maps} output maps, "
                f"but got {self.groups}; set groups = 1 or change maps"
            )
        check_fits(self.name, shape, self.dilation * (self.kernel - 1) + 1, self.padding)
        return nn.Conv2d(
            channels,
            self.maps,
            self.kernel,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
        )


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
        channels, *_ = check_picture(self.name, shape)
        check_fits(self.name, shape, self.dilation * (self.kernel - 1) + 1, self.padding)
        maps = channels * self.multiplier
        return nn.Conv2d(channels, maps, self.kernel, self.stride, self.padding, self.dilation, groups=channels)


class TableConvolution(Layer):
    """Convolve pictures (C, H, W), each output map seeing only the input maps that its row of a table names.

    >>> layer = TableConvolution(table=((0, 1), (2,)), kernel=5).build((3, 7, 9))
    >>> layer.weight.shape
    torch.Size([3, 5, 5])
    """

    name = "table-convolution"
    card = Card(
        summary="Convolution with a connection table: only the kernels of the connections exist.",
        source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
    )

    table: tuple[tuple[int, ...], ...] = hyperparameter(
        C3_TABLE, description="for each output map the numbers of its input maps, from 0; the default is C3 of LeNet-5"
    )
    kernel: int = hyperparameter(
        5, bounds=Range(1), search=Search(1, 7), description="side of the kernels; 1 mixes the maps only"
    )

    def build(self, shape: Shape) -> nn.Module:
        channels, *_ = check_picture(self.name, shape)
        named = {one for row in self.table for one in row}
        if not self.table or not all(self.table) or any(len(set(row)) < len(row) for row in self.table):
            raise BadInput(
                f"{self.name}.table must name at least one input map for each output map, and each only once, "
                f"but got {self.table}; write for example [[0, 1], [2]]"
            )
        if min(named) < 0 or max(named) + 1 != channels:
            raise BadInput(
                f"{self.name}.table must name input maps from 0 to {channels - 1}, the last included, but names "
                f"{min(named)} to {max(named)}; change the table, or the maps of the layer before to {max(named) + 1}"
            )
        check_fits(self.name, shape, self.kernel)
        return TableConv2d(self.table, self.kernel)
