"""Scaled exponential linear unit."""

from torch import nn

from luthier.core.card import Card
from luthier.models.activations.activation import Activation


class SELU(Activation):
    """1.0507 x above 0, 1.0507 * 1.6733 (exp(x) - 1) below; meant for weights from lecun-normal.

    >>> import torch
    >>> SELU().build()(torch.tensor([-1.0, 2.0]))
    tensor([-1.1113,  2.1014])
    """

    name = "selu"
    card = Card(
        summary="Scaled ELU, whose two constants keep mean 0 and variance 1 from layer to layer.",
        source="Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks, 2017, arXiv 1706.02515",
    )
    monotone = True

    def build(self) -> nn.Module:
        return nn.SELU()
