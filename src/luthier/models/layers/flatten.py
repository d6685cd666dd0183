"""Everything in one row."""

from torch import nn

from luthier.core.card import Card
from luthier.models.layers.layer import Layer, Shape


class Flatten(Layer):
    """Put all values of an example into one row (F,), the last axis fastest.

    >>> import torch
    >>> Flatten().build((3, 5, 7))(torch.zeros(2, 3, 5, 7)).shape
    torch.Size([2, 105])
    """

    name = "flatten"
    card = Card(summary="All values of an example in one row.", source="the usual form, as in PyTorch")

    def build(self, shape: Shape) -> nn.Module:
        return nn.Flatten()
