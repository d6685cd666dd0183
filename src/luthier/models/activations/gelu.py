"""Gaussian error linear unit."""

from torch import nn

from luthier.core.card import Card
from luthier.models.activations.activation import Activation


class GELU(Activation):
    """x P(Z <= x) for a standard normal Z, computed exactly.

    >>> import torch
    >>> GELU().build()(torch.tensor([-1.0, 2.0]))
    tensor([-0.1587,  1.9545])
    """

    name = "gelu"
    card = Card(
        summary="Gaussian error linear unit: x times the normal distribution function of x.",
        source="Hendrycks and Gimpel, Gaussian error linear units, 2016, arXiv 1606.08415",
    )

    def build(self) -> nn.Module:
        return nn.GELU()
