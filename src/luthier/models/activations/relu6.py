"""Rectified linear unit with a ceiling."""

from torch import nn

from luthier.core.card import Card
from luthier.models.activations.activation import Activation


class ReLU6(Activation):
    """x between 0 and 6, cut off at both ends.

    >>> import torch
    >>> ReLU6().build()(torch.tensor([-1.0, 2.0, 9.0]))
    tensor([0., 2., 6.])
    """

    name = "relu6"
    monotone = True
    card = Card(
        summary="Rectified linear unit that ends at 6.",
        source="Krizhevsky, Convolutional deep belief networks on CIFAR-10, 2010",
    )

    def build(self) -> nn.Module:
        return nn.ReLU6()
