"""Multilayer perceptron: Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, 1986."""

import math
from itertools import pairwise

from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.activations import ActivationField, ReLU
from luthier.models.architecture import Architecture, Shape
from luthier.models.settings import Norm, dropout_field, make_dropout, make_norm, norm_field


class MLP(Architecture):
    """Fully connected layers; takes rows, and pictures as rows of pixels.

    >>> sum(p.numel() for p in MLP(depth=1, width=5).build((3,), 2).parameters())
    32
    """

    name = "mlp"
    card = ArchitectureCard(
        summary="Fully connected layers.",
        source="Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, 1986",
    )

    depth: int = hyperparameter(
        2, bounds=Range(0), search=Search(1, 4), description="hidden layers; 0 is softmax regression"
    )
    width: int = hyperparameter(
        128, bounds=Range(1), search=Search(16, 1024, log=True), description="units in each hidden layer"
    )
    activation: ActivationField = hyperparameter(ReLU(), description="what follows each hidden layer")
    norm: Norm = norm_field("none")
    dropout: float = dropout_field(0.0, "after each hidden layer")

    def build(self, shape: Shape, outputs: int) -> nn.Module:
        sizes = [math.prod(shape)] + [self.width] * self.depth
        hidden = [layer for before, after in pairwise(sizes) for layer in self._hidden(before, after)]
        return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(sizes[-1], outputs))

    def _hidden(self, before: int, after: int) -> list[nn.Module]:
        norm = make_norm(self.norm, after, maps=False)
        found = (nn.Linear(before, after), norm, self.activation.build(), make_dropout(self.dropout))
        return [layer for layer in found if layer is not None]


class SoftmaxRegression(Architecture):
    """One linear layer; takes rows, and pictures as rows of pixels. With two classes it is logistic regression.

    >>> sum(p.numel() for p in SoftmaxRegression().build((3,), 2).parameters())
    8
    """

    name = "softmax-regression"
    card = ArchitectureCard(
        summary="One linear layer, without hidden units.",
        source="Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990",
    )

    def build(self, shape: Shape, outputs: int) -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape), outputs))
