"""VGG: Simonyan and Zisserman, Very deep convolutional networks for large-scale image recognition, 2014."""

from typing import ClassVar

from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.models.architecture import Shape
from luthier.models.full_head import FullHead
from luthier.models.picture import Layers
from luthier.models.settings import Norm, layers, make_norm, norm_field, scale_width

CHANNELS = (64, 128, 256, 512, 512)
PAPER = "Simonyan and Zisserman, Very deep convolutional networks for large-scale image recognition, 2014"


def _card(network: str) -> ArchitectureCard:
    summary = f"{network}: five stages of 3x3 convolutions and max-poolings; pictures keep their own size."
    return ArchitectureCard(summary=summary, source=PAPER, paper_shape=(3, 224, 224))


class VGG(FullHead):
    """Declares five stages of 3x3 convolutions and max-poolings; every convolution has a bias, as in the paper.

    stages: number of convolutions in each stage. Takes pictures from 32 pixels a side, and needs no small stem.
    """

    stages: ClassVar[tuple[int, ...]]
    side = 7

    def features(self, shape: Shape) -> Layers:
        found: Layers = {}
        before = shape[0]
        for stage, (count, channels) in enumerate(zip(self.stages, CHANNELS, strict=True), start=1):
            after = scale_width(channels, self.width)
            for number in range(1, count + 1):
                found |= self._layer(f"{stage}_{number}", before, after)
                before = after
            found[f"pool{stage}"] = nn.MaxPool2d(2)
        return found

    def _layer(self, number: str, before: int, after: int) -> Layers:
        conv, norm = nn.Conv2d(before, after, 3, padding=1), make_norm(self.norm, after)
        named = {f"conv{number}": conv, f"norm{number}": norm, f"activation{number}": self.activation.build()}
        return layers(**named)


class VGG11(VGG):
    """Configuration A of the paper; 132,863,336 parameters on 224x224x3 with 1,000 classes."""

    name = "vgg11"
    card = _card("VGG-11")
    stages = (1, 1, 2, 2, 2)


class VGG13(VGG):
    """Configuration B of the paper; 133,047,848 parameters on 224x224x3 with 1,000 classes."""

    name = "vgg13"
    card = _card("VGG-13")
    stages = (2, 2, 2, 2, 2)


class VGG16(VGG):
    """Configuration D of the paper; 138,357,544 parameters on 224x224x3 with 1,000 classes.

    >>> VGG16(width=0.1).build((3, 32, 32), 7).output
    Linear(in_features=410, out_features=7, bias=True)
    """

    name = "vgg16"
    card = _card("VGG-16")
    stages = (2, 2, 3, 3, 3)


class VGG19(VGG):
    """Configuration E of the paper; 143,667,240 parameters on 224x224x3 with 1,000 classes."""

    name = "vgg19"
    card = _card("VGG-19")
    stages = (2, 2, 4, 4, 4)


class VGG11BN(VGG11):
    """VGG-11 with batch norm after each convolution."""

    name = "vgg11-bn"
    card = _card("VGG-11 with batch norm")
    norm: Norm = norm_field("batch")


class VGG13BN(VGG13):
    """VGG-13 with batch norm after each convolution."""

    name = "vgg13-bn"
    card = _card("VGG-13 with batch norm")
    norm: Norm = norm_field("batch")


class VGG16BN(VGG16):
    """VGG-16 with batch norm after each convolution; 138,365,992 parameters on 224x224x3 with 1,000 classes."""

    name = "vgg16-bn"
    card = _card("VGG-16 with batch norm")
    norm: Norm = norm_field("batch")


class VGG19BN(VGG19):
    """VGG-19 with batch norm after each convolution."""

    name = "vgg19-bn"
    card = _card("VGG-19 with batch norm")
    norm: Norm = norm_field("batch")
