"""Mean squared error."""

from torch import Tensor

from luthier.core.card import Card
from luthier.models.losses.loss import Loss


class MSE(Loss):
    """Mean over the values of an example of the squared distance between answer and target.

    >>> import torch
    >>> MSE().per_example(torch.tensor([[1.0, 5.0]]), torch.tensor([[1.0, 2.0]]))
    tensor([4.5000])
    """

    name = "mse"
    card = Card(
        summary="Mean squared error of values.",
        source="Legendre, Nouvelles methodes pour la determination des orbites des cometes, 1805",
    )
    tasks = ("regression",)
    soft = False

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        return (logits - target).square().mean(1)
