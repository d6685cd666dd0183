"""Sigmoid linear unit."""

from torch import nn

from luthier.core.card import Card
from luthier.models.activations.activation import Activation


class SiLU(Activation):
    """x / (1 + exp(-x)).

    >>> import torch
    >>> SiLU().build()(torch.tensor([-1.0, 2.0]))
    tensor([-0.2689,  1.7616])
    """

    name = "silu"
    card = Card(
        summary="Sigmoid linear unit, also called swish: x times the logistic function of x.",
        source="Elfwing, Uchibe and Doya, Sigmoid-weighted linear units for neural network function approximation in "
        "reinforcement learning, 2017, arXiv 1702.03118",
    )

    def build(self) -> nn.Module:
        return nn.SiLU()
