"""Identity."""

from torch import nn

from luthier.core.card import Card
from luthier.models.activations.activation import Activation


class Identity(Activation):
    """x itself.

    >>> import torch
    >>> Identity().build()(torch.tensor([-1.0, 2.0]))
    tensor([-1.,  2.])
    """

    name = "identity"
    card = Card(
        summary="No activation: the layers around it act as one linear map.",
        source="Baldi and Hornik, Neural networks and principal component analysis: learning from examples "
        "without local minima, 1989",
    )
    monotone = True

    def build(self) -> nn.Module:
        return nn.Identity()
