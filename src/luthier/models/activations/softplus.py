"""Softplus."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.activations.activation import Activation


class Softplus(Activation):
    """log(1 + exp(beta x)) / beta, above 0 everywhere.

    >>> import torch
    >>> Softplus().build()(torch.tensor([0.0]))
    tensor([0.6931])
    """

    name = "softplus"
    card = Card(
        summary="Smooth ReLU: the log of 1 + exp(x).",
        source="Dugas, Bengio, Belisle, Nadeau and Garcia, Incorporating second-order functional knowledge for better "
        "option pricing, 2001",
    )
    monotone = True

    beta: float = hyperparameter(
        1.0, bounds=Range(0.01, 100), search=Search(0.5, 10, log=True),
        description="sharpness of the bend at 0; the larger, the closer to ReLU, the smaller, the closer to a "
        "straight line",
    )  # fmt: skip

    def build(self) -> nn.Module:
        return nn.Softplus(self.beta)
