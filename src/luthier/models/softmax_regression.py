"""Softmax regression: Cox, The regression analysis of binary sequences, 1958; for several classes, Bridle, 1990."""

import math

from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.models.architecture import Architecture, Shape


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
