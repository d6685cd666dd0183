"""Generalised cross-entropy."""

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.losses.loss import Loss


class GeneralisedCrossEntropy(Loss):
    """(1 - p^q) / q of the softmax probability p of each class, by its share in the target: wrong labels count little.

    Between cross-entropy, which a few wrong labels can lead far astray, and the absolute error, which learns slowly.

    >>> import torch
    >>> GeneralisedCrossEntropy(q=1.0).per_example(torch.zeros(1, 4), torch.eye(4)[:1])
    tensor([0.7500])
    """

    name = "generalised-cross-entropy"
    card = Card(
        summary="Cross-entropy that wrong labels lead less astray: (1 - p^q) / q.",
        source="Zhang and Sabuncu, Generalized cross entropy loss for training deep neural networks with noisy labels, "
        "2018, arXiv 1805.07836",
    )

    q: float = hyperparameter(
        0.7, bounds=Range(0, 1, low_open=True), search=Search(0.3, 1.0),
        description="how little an answer far from its label counts; near 0 is cross-entropy, 1 is the absolute error",
    )  # fmt: skip

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        return -(target * torch.expm1(self.q * logits.log_softmax(1))).sum(1) / self.q
