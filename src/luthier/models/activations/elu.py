"""Exponential linear unit."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.activations.activation import Activation


class ELU(Activation):
    """x above 0, alpha (exp(x) - 1) below.

    >>> import torch
    >>> ELU().build()(torch.tensor([-1.0, 2.0]))
    tensor([-0.6321,  2.0000])
    """

    name = "elu"
    card = Card(
        summary="Exponential linear unit: x above 0, an exponential that levels off below.",
        source="Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by exponential linear "
        "units, 2015, arXiv 1511.07289",
    )
    monotone = True

    alpha: float = hyperparameter(
        1.0, bounds=Range(0), search=Search(0.1, 2),
        description="how far below 0 it levels off; 0 is ReLU, at 1 the slope has no jump at 0, more makes it steeper "
        "below",
    )  # fmt: skip

    def build(self) -> nn.Module:
        return nn.ELU(self.alpha)
