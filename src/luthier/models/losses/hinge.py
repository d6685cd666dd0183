"""Hinge loss for several classes."""

from torch import Tensor

from luthier.core.card import Card
from luthier.models.losses.loss import Loss


class Hinge(Loss):
    """How far the true class is from leading the best of the others by 1; 0 once it does (Crammer and Singer's form).

    Margins say nothing about probabilities: the softmax that a prediction gives keeps their order, no more.

    >>> import torch
    >>> Hinge().per_example(torch.tensor([[2.0, 1.5, 0.0], [2.0, 0.5, 0.0]]), torch.eye(3)[[0, 0]])
    tensor([0.5000, 0.0000])
    """

    name = "hinge"
    card = Card(
        summary="Hinge loss: the true class must lead every other by 1.",
        source="Crammer and Singer, On the algorithmic implementation of multiclass kernel-based vector machines, 2001",
    )
    soft = False

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        return (logits + 1 - target).amax(1) - (target * logits).sum(1)
