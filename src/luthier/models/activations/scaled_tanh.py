"""Scaled hyperbolic tangent."""

from torch import nn

from luthier.core.card import Card
from luthier.models.activations.activation import Activation
from luthier.models.modules import ScaledTanh


class LeCunTanh(Activation):
    """1.7159 tanh(2x/3): inputs of variance 1 give outputs of variance about 1.

    >>> import torch
    >>> LeCunTanh().build()(torch.tensor([-1.0, 1.0]))
    tensor([-1.0000,  1.0000])
    """

    name = "scaled-tanh"
    card = Card(
        summary="Scaled hyperbolic tangent: 1.7159 tanh(2x/3), which takes 1 to 1 and -1 to -1.",
        source="LeCun, Bottou, Orr and Muller, Efficient BackProp, 1998",
    )
    monotone = True

    def build(self) -> nn.Module:
        return ScaledTanh()
