"""Logistic function."""

from torch import nn

from luthier.core.card import Card
from luthier.models.activations.activation import Activation


class Sigmoid(Activation):
    """1 / (1 + exp(-x)), between 0 and 1.

    >>> import torch
    >>> Sigmoid().build()(torch.tensor([0.0]))
    tensor([0.5000])
    """

    name = "sigmoid"
    card = Card(
        summary="Logistic function, between 0 and 1.",
        source="Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, 1986",
    )
    monotone = True

    def build(self) -> nn.Module:
        return nn.Sigmoid()
