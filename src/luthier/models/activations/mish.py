"""Mish."""

from torch import nn

from luthier.core.card import Card
from luthier.models.activations.activation import Activation


class Mish(Activation):
    """x tanh(log(1 + exp(x))).

    >>> import torch
    >>> Mish().build()(torch.tensor([-1.0, 2.0]))
    tensor([-0.3034,  1.9440])
    """

    name = "mish"
    card = Card(
        summary="Mish: x times the hyperbolic tangent of the softplus of x.",
        source="Misra, Mish: a self regularized non-monotonic activation function, 2019, arXiv 1908.08681",
    )

    def build(self) -> nn.Module:
        return nn.Mish()
