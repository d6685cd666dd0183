"""Leaky rectified linear unit."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.activations.activation import Activation


class LeakyReLU(Activation):
    """x above 0, slope times x below.

    >>> import torch
    >>> LeakyReLU(slope=0.5).build()(torch.tensor([-1.0, 2.0]))
    tensor([-0.5000,  2.0000])
    """

    name = "leaky-relu"
    monotone = True
    card = Card(
        summary="Leaky rectified linear unit: x above 0, a small slope times x below.",
        source="Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models, 2013",
    )

    slope: float = hyperparameter(
        0.01,
        bounds=Range(0, 1),
        search=Search(0.001, 0.3, log=True),
        description="slope below 0; 0 is ReLU, 1 the identity",
    )

    def build(self) -> nn.Module:
        return nn.LeakyReLU(self.slope)
