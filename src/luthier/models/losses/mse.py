"""Mean squared error."""

import torch.nn.functional as F
from torch import Tensor

from luthier.core.card import Card
from luthier.models.losses.loss import Loss
from luthier.models.losses.simplex import nearest_probabilities


class MSE(Loss):
    """Mean over the outputs of the squared difference from the target.

    For classes too it compares the outputs themselves, with no softmax between: they then estimate the probabilities,
    and a prediction gives the probabilities nearest to them. Small first weights (initialiser normal) save it from
    unlearning what large ones answer. On the softmax it is called brier.

    >>> import torch
    >>> MSE().per_example(torch.tensor([[1.0, 3.0]]), torch.tensor([[0.0, 1.0]]))
    tensor([2.5000])
    """

    name = "mse"
    card = Card(
        summary="Mean squared error of the outputs themselves; brier is that of their softmax.",
        source="Hui and Belkin, Evaluation of neural architectures trained with square loss vs cross-entropy in "
        "classification tasks, 2020, arXiv 2006.07322",
    )
    tasks = ("classification", "regression")

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        return F.mse_loss(logits, target, reduction="none").mean(1)

    def probabilities(self, logits: Tensor) -> Tensor:
        return nearest_probabilities(logits)
