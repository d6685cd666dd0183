"""Hyperbolic tangent."""

from torch import nn

from luthier.core.card import Card
from luthier.models.activations.activation import Activation


class Tanh(Activation):
    """tanh(x), between -1 and 1.

    >>> import torch
    >>> Tanh().build()(torch.tensor([0.0]))
    tensor([0.])
    """

    name = "tanh"
    monotone = True
    card = Card(
        summary="Hyperbolic tangent, between -1 and 1.",
        source="LeCun, Bottou, Orr and Muller, Efficient BackProp, 1998",
    )

    def build(self) -> nn.Module:
        return nn.Tanh()
