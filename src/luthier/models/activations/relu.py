"""Rectified linear unit."""

from torch import nn

from luthier.core.card import Card
from luthier.models.activations.activation import Activation


class ReLU(Activation):
    """The larger of x and 0.

    >>> import torch
    >>> ReLU().build()(torch.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """

    name = "relu"
    monotone = True
    card = Card(
        summary="Rectified linear unit: the larger of x and 0.",
        source="Nair and Hinton, Rectified linear units improve restricted Boltzmann machines, 2010",
    )

    def build(self) -> nn.Module:
        return nn.ReLU()
