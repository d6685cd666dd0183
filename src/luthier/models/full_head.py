"""The fully connected end of AlexNet and VGG: Krizhevsky, Sutskever and Hinton, ImageNet classification, 2012."""

import math
from typing import ClassVar

from torch import nn

from luthier.models.architecture import Shape
from luthier.models.picture import Layers, PictureNetwork
from luthier.models.settings import dropout_field, layers, make_dropout, scale_width

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
