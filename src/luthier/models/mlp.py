"""Multilayer perceptron: Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, 1986."""

import math
from itertools import pairwise

from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.core.declare import Range, Search, hyper
from luthier.models.activations import AnActivation, ReLU
from luthier.models.architecture import Architecture, Shape


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

    depth: int = hyper(2, legal=Range(0), search=Search(1, 4), says="hidden layers; 0 is softmax regression")
    width: int = hyper(128, legal=Range(1), search=Search(16, 1024, log=True), says="units in each hidden layer")
    activation: AnActivation = hyper(ReLU(), says="what follows each hidden layer")

    def build(self, shape: Shape, outputs: int) -> nn.Module:
        sizes = [math.prod(shape)] + [self.width] * self.depth
        hidden = [(nn.Linear(before, after), self.activation.build()) for before, after in pairwise(sizes)]
        return nn.Sequential(nn.Flatten(), *(layer for pair in hidden for layer in pair), nn.Linear(sizes[-1], outputs))
