"""Brier score."""

import torch.nn.functional as F
from torch import Tensor

from luthier.core.card import Card
from luthier.models.losses.loss import Loss


class Brier(Loss):
    """Squared difference of the softmax from the target, added up over the classes: from 0 to 2.

    >>> import torch
    >>> Brier().per_example(torch.zeros(1, 4), torch.eye(4)[:1])
    tensor([0.7500])
    """

    name = "brier"
    card = Card(
        summary="Squared error of the softmax probabilities; mse is that of the outputs themselves.",
        source="Brier, Verification of forecasts expressed in terms of probability, 1950",
    )

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        return F.mse_loss(logits.softmax(1), target, reduction="none").sum(1)
