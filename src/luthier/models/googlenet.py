"""GoogLeNet: Szegedy and others, Going deeper with convolutions, 2014, with batch norm and without auxiliary heads."""

from typing import Literal

from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.core.declare import hyperparameter
from luthier.models.architecture import Shape
from luthier.models.modules import Parallel
from luthier.models.picture import Layers, PictureNetwork
from luthier.models.settings import (
    Norm,
    Stem,
    chain,
    dropout_field,
    is_small,
    layers,
    norm_field,
    scale_width,
    stem_field,
)

Widths = tuple[int, int, int, int, int, int]


TABLE: dict[str, Widths] = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
"""Table 1 of the paper: channels of 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5 and pool projection in each module."""


class GoogLeNet(PictureNetwork):
    """Nine inception modules; 6,624,904 parameters on 224x224x3 with 1,000 classes.

    The small stem is a 3x3 convolution of stride 1 and no pooling behind it.

    >>> GoogLeNet(width=0.1).build((3, 9, 9), 7).output
    Linear(in_features=102, out_features=7, bias=True)
    """

    name = "googlenet"
    card = ArchitectureCard(
        summary="GoogLeNet (Inception v1) with batch norm, without auxiliary heads; pictures keep their own size.",
        source="Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke and Rabinovich, "
        "Going deeper with convolutions, 2014, arXiv 1409.4842",
        paper_shape=(3, 224, 224),
    )

    norm: Norm = norm_field("batch")
    dropout: float = dropout_field(0.4, "before the last layer")
    stem: Stem = stem_field()
    kernel: Literal[3, 5] = hyperparameter(
        3,
        description="side of the larger kernels of a module: 5 as in the paper, 3 as in today's reference "
        "implementations",
    )

    def features(self, shape: Shape) -> Layers:
        modules = self._stem(shape)
        before = scale_width(192, self.width)
        for name, widths in TABLE.items():
            if name in ("4a", "5a"):
                modules[f"pool{name[0]}"] = nn.MaxPool2d(3, 2, 1)
            modules[f"inception{name}"], before = self._inception(before, widths)
        return modules

    def _stem(self, shape: Shape) -> Layers:
        first, second = scale_width(64, self.width), scale_width(192, self.width)
        small = is_small(self.stem, shape)
        return layers(
            conv1=self.unit(shape[0], first, 3) if small else self.unit(shape[0], first, 7, stride=2),
            pool1=None if small else nn.MaxPool2d(3, 2, 1),
            conv2=self.unit(first, first, 1),
            conv3=self.unit(first, second, 3),
            pool3=nn.MaxPool2d(3, 2, 1),
        )

    def _inception(self, before: int, widths: Widths) -> tuple[nn.Module, int]:
        """Make a module and return it with its number of output channels."""
        one, reduce3, three, reduce5, five, projected = (scale_width(width, self.width) for width in widths)
        module = Parallel(
            self.unit(before, one, 1),
            chain(reduce=self.unit(before, reduce3, 1), conv=self.unit(reduce3, three, 3)),
            chain(reduce=self.unit(before, reduce5, 1), conv=self.unit(reduce5, five, self.kernel)),
            chain(pool=nn.MaxPool2d(3, 1, 1), conv=self.unit(before, projected, 1)),
        )
        return module, one + three + five + projected
