"""Huber's loss."""

import torch.nn.functional as F
from torch import Tensor

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.losses.loss import Loss
from luthier.models.losses.simplex import nearest_probabilities


class Huber(Loss):
    """Mean over the outputs of half the squared difference, which beyond delta grows in a straight line.

    For classes it compares the outputs themselves with the target, and from small first weights, like mse.

    >>> import torch
    >>> Huber(delta=1.0).per_example(torch.tensor([[0.5, 3.0]]), torch.zeros(1, 2))
    tensor([1.3125])
    """

    name = "huber"
    card = Card(
        summary="Squared error near the target, absolute error far from it, on the outputs.",
        source="Huber, Robust estimation of a location parameter, 1964",
    )
    tasks = ("classification", "regression")

    delta: float = hyperparameter(
        1.0, bounds=Range(0, low_open=True), search=Search(0.01, 10, log=True),
        description="difference beyond which it is straight; near 0 it is the absolute error times delta, large half "
        "the mse",
    )  # fmt: skip

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        return F.huber_loss(logits, target, reduction="none", delta=self.delta).mean(1)

    def probabilities(self, logits: Tensor) -> Tensor:
        return nearest_probabilities(logits)
