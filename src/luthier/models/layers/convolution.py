"""Convolution of pictures."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.errors import BadInput
from luthier.models.layers.layer import Layer, Shape, check_fits, picture


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
        channels, *_ = picture(self.name, shape)
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
