"""Focal loss."""

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.losses.loss import Loss


class Focal(Loss):
    """Cross-entropy of the softmax, each class's share times (1 - p)^gamma: what is already right counts little.

    The paper asks one yes-or-no question with a sigmoid; here p is the softmax over the classes.

    >>> import torch
    >>> Focal(gamma=1.0).per_example(torch.zeros(1, 2), torch.eye(2)[:1])
    tensor([0.3466])
    """

    name = "focal"
    card = Card(
        summary="Cross-entropy that gives less weight to examples that are answered well already.",
        source="Lin, Goyal, Girshick, He and Dollar, Focal loss for dense object detection, 2017, arXiv 1708.02002",
    )

    gamma: float = hyperparameter(
        2.0, bounds=Range(0), search=Search(0.5, 5),
        description="how fast easy examples fade; 0 is cross-entropy, large values leave only the hardest",
    )  # fmt: skip

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        log = logits.log_softmax(1)
        wrong = (1 - log.exp()).clamp(min=torch.finfo(log.dtype).eps)  # at 0 the gradient of a root would be infinite
        return -(target * wrong**self.gamma * log).sum(1)
