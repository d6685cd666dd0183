"""A model of two parameters and a quadratic loss: its whole training can be written down by hand."""

from typing import Any

import torch
from torch import Tensor, nn

from luthier.core.card import Card
from luthier.models.losses import Loss
from luthier.recipe.build import Prepared
from luthier.testing.material import rows
from luthier.testing.training import prepared
from luthier.training.trick import Trick

START = (0.3, -0.2)
RATE = 0.05


class Line(nn.Module):
    """Logits z and -z with z = x . w, for rows of two columns."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(START))

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack((x @ self.weight, -x @ self.weight), 1)


class HalfSquares(Loss):
    """Half the squared distance between logits and target."""

    name = "half-squares"
    card = Card(summary="Half the squared distance.", source="tests")

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        return (logits - target).square().sum(1) / 2


def line(*tricks: Trick, epochs: int = 5, **sections: Any) -> Prepared:
    """Prepare a line under plain gradient descent: the whole training part is one batch, an epoch is a step."""
    own = {
        "training": {"epochs": epochs, "batch_size": 1000},
        "optimizer": {"name": "sgd", "learning_rate": RATE, "weight_decay": 0.0},
        "schedule": "constant",
        "loss": HalfSquares(),
        "tricks": list(tricks),
    }
    return prepared({**own, **sections}, Line(), rows(count=31, features=2, classes=2))


def data(one: Prepared) -> tuple[Tensor, Tensor]:
    """Standardised inputs (N, 2) and targets (N, 2) of the training part, in 64 bits."""
    examples = one.trainer.training.examples
    batch = next(examples.in_order())
    return one.trainer.network.standardise(batch.inputs).double(), batch.target.double()


def slope(weight: Tensor, inputs: Tensor, target: Tensor) -> Tensor:
    """Gradient of the mean loss by hand: the mean of x (2z - t0 + t1)."""
    z = inputs @ weight
    return (inputs * (2 * z - target[:, 0] + target[:, 1]).unsqueeze(1)).mean(0)


def path(one: Prepared, steps: int) -> list[Tensor]:
    """The weights after each step of plain descent, by hand."""
    inputs, target = data(one)
    weight, found = torch.tensor(START, dtype=torch.float64), []
    for _ in range(steps):
        weight = weight - RATE * slope(weight, inputs, target)
        found.append(weight)
    return found
