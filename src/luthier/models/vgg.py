"""AlexNet and VGG: convolutions with a head of full connections.

Sources: Krizhevsky, One weird trick for parallelizing convolutional neural networks, 2014 (the one-tower form);
Simonyan and Zisserman, Very deep convolutional networks for large-scale image recognition, 2014.
"""

import math
from typing import ClassVar

from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.models.architecture import Shape
from luthier.models.picture import Layers, PictureNetwork
from luthier.models.settings import (
    Norm,
    Stem,
    chain,
    dropout_field,
    is_small,
    layers,
    make_dropout,
    make_norm,
    norm_field,
    scale_width,
    stem_field,
)

UNITS = 4096


class FullHead(PictureNetwork):
    """Declares a network that ends in three fully connected layers.

    side: of the largest maps that they take; larger ones are averaged down to it, smaller ones stay as they are, so
    that a small picture costs small layers.
    """

    side: ClassVar[int]

    dropout: float = dropout_field(0.5, "after each fully connected layer but the last")

    def head(self, maps: Shape, outputs: int) -> Layers:
        channels, height, width = maps
        size = (min(self.side, height), min(self.side, width))
        units = scale_width(UNITS, self.width)
        return layers(
            pool=nn.AdaptiveAvgPool2d(size),
            flatten=nn.Flatten(),
            full1=nn.Linear(channels * math.prod(size), units),
            activation1=self.activation.build(),
            dropout1=make_dropout(self.dropout),
            full2=nn.Linear(units, units),
            activation2=self.activation.build(),
            dropout2=make_dropout(self.dropout),
            output=nn.Linear(units, outputs),
        )


VGG_CHANNELS = (64, 128, 256, 512, 512)


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
        for stage, (count, channels) in enumerate(zip(self.stages, VGG_CHANNELS, strict=True), start=1):
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


ALEXNET_CHANNELS = (64, 192, 384, 256, 256)


class AlexNet(FullHead):
    """Five convolutions, three max-poolings, three fully connected layers; 61,100,840 parameters on 224x224x3.

    The small stem is a 3x3 convolution of stride 1 in place of 11x11 of stride 4.

    >>> AlexNet(width=0.1).build((3, 32, 32), 7).output
    Linear(in_features=410, out_features=7, bias=True)
    """

    name = "alexnet"
    card = ArchitectureCard(
        summary="AlexNet in one tower; pictures keep their own size.",
        source="Krizhevsky, One weird trick for parallelizing convolutional neural networks, 2014, arXiv 1404.5997; "
        "after Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional networks, 2012",
        paper_shape=(3, 224, 224),
    )
    side = 6

    stem: Stem = stem_field()

    def features(self, shape: Shape) -> Layers:
        first, second, third, fourth, fifth = (scale_width(one, self.width) for one in ALEXNET_CHANNELS)
        small = is_small(self.stem, shape)
        return layers(
            conv1=self.unit(shape[0], first, 3) if small else self._large_stem(shape[0], first),
            pool1=nn.MaxPool2d(3, 2),
            conv2=self.unit(first, second, 5),
            pool2=nn.MaxPool2d(3, 2),
            conv3=self.unit(second, third, 3),
            conv4=self.unit(third, fourth, 3),
            conv5=self.unit(fourth, fifth, 3),
            pool5=nn.MaxPool2d(3, 2),
        )

    def _large_stem(self, channels: int, after: int) -> nn.Sequential:
        """Make the stem, with a padding of 2 as in the paper, not of half the kernel."""
        conv = nn.Conv2d(channels, after, 11, stride=4, padding=2, bias=self.norm == "none")
        return chain(conv=conv, norm=make_norm(self.norm, after), activation=self.activation.build())
