"""LeNet-5 as it is built today.

Source: LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998.
"""

import math

from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.models.architecture import Shape
from luthier.models.picture import Layers, PictureNetwork
from luthier.models.settings import dropout_field, layers, make_dropout, make_norm, scale_width

FULL_SIDE = 32


class LeNet5(PictureNetwork):
    """Two convolutions with ReLU and max-pooling, then three fully connected layers; 61,706 parameters on 28x28x1.

    Pictures below 32 pixels a side are padded by 2, so that 28x28 yields the same maps as the paper's 32x32. A monotone
    activation such as ReLU comes after the pooling: the largest value stays the largest, and only a quarter of the
    values is left to compute. Another one comes before it.

    >>> sum(p.numel() for p in LeNet5().build((1, 28, 28), 10).parameters())
    61706
    """

    name = "lenet5"
    card = ArchitectureCard(
        summary="LeNet-5 with ReLU, max-pooling and a softmax output.",
        source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
        native_size=28,
    )

    dropout: float = dropout_field(0.0, "after each fully connected layer but the last")

    def features(self, shape: Shape) -> Layers:
        padding = 2 if min(shape[1:]) < FULL_SIDE else 0
        first, second = scale_width(6, self.width), scale_width(16, self.width)
        return {**self._stage(1, shape[0], first, padding), **self._stage(2, first, second, 0)}

    def _stage(self, number: int, before: int, after: int, padding: int) -> Layers:
        conv, pool, activation = nn.Conv2d(before, after, 5, padding=padding), nn.MaxPool2d(2), self.activation.build()
        start = {f"conv{number}": conv, f"norm{number}": make_norm(self.norm, after)}
        if self.activation.monotone:
            return layers(**start, **{f"pool{number}": pool, f"activation{number}": activation})
        return layers(**start, **{f"activation{number}": activation, f"pool{number}": pool})

    def head(self, maps: Shape, outputs: int) -> Layers:
        first, second = scale_width(120, self.width), scale_width(84, self.width)
        return layers(
            flatten=nn.Flatten(),
            full1=nn.Linear(math.prod(maps), first),
            norm3=make_norm(self.norm, first, maps=False),
            activation3=self.activation.build(),
            dropout1=make_dropout(self.dropout),
            full2=nn.Linear(first, second),
            norm4=make_norm(self.norm, second, maps=False),
            activation4=self.activation.build(),
            dropout2=make_dropout(self.dropout),
            output=nn.Linear(second, outputs),
        )
