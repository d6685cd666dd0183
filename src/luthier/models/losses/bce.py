"""Binary cross-entropy, one question per class."""

import torch.nn.functional as F
from torch import Tensor

from luthier.core.card import Card
from luthier.models.losses.loss import Loss


class BCE(Loss):
    """Each class is a yes-or-no question answered by a sigmoid; the cross-entropies of all K are added up.

    A prediction's probabilities are the sigmoids divided by their sum, so that they add up to 1.

    >>> import torch
    >>> BCE().per_example(torch.zeros(1, 4), torch.eye(4)[:1])
    tensor([2.7726])
    """

    name = "bce"
    card = Card(
        summary="Binary cross-entropy of sigmoid outputs, one for each class, added up.",
        source="Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990",
    )

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(logits, target, reduction="none").sum(1)

    def probabilities(self, logits: Tensor) -> Tensor:
        return F.logsigmoid(logits).softmax(1)
