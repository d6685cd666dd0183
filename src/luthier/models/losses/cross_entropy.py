"""Cross-entropy of the softmax."""

import torch.nn.functional as F
from torch import Tensor

from luthier.core.card import Card
from luthier.models.losses.loss import Loss


class CrossEntropy(Loss):
    """Minus the target-weighted log of the softmax.

    >>> import torch
    >>> CrossEntropy().per_example(torch.zeros(1, 4), torch.eye(4)[:1])
    tensor([1.3863])
    """

    name = "cross-entropy"
    card = Card(
        summary="Cross-entropy between the target and the softmax of the logits.",
        source="Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990",
    )

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(logits, target, reduction="none")
