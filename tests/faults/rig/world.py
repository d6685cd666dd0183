"""The training that the fault tests break: 6 steps, a few dozen weights, a trick with a memory that matters."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import hyperparameter
from luthier.data import Dataset
from luthier.data.sources import arrays
from luthier.recipe.build import Prepared
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import Recipe
from luthier.testing.training import prepare_recipe
from luthier.training.trick import Outcome, StepContext, Trick, TrickState

EPOCHS = 2
STEPS = 6
SAVE_EVERY = 2
"""With 3 steps an epoch this saves in mid-epoch and at its end."""

SAVED = (2, 3, 4, 6)


class Poison(Trick):
    """Makes one number of one step not finite."""

    name = "poison"
    card = TrickCard(summary="Makes a step diverge.", source="These tests")

    step: int = hyperparameter(0, description="which step")
    where: str = hyperparameter("loss", description="loss, gradient, weights or memory")
    value: str = hyperparameter("nan", description="nan, inf or -inf")

    def begin(self, network: torch.nn.Module, context: StepContext) -> TrickState:
        return {"number": 0.0}

    def edit_loss(
        self, losses: Tensor, batch: Batch, logits: Tensor, trick_state: TrickState, context: StepContext
    ) -> Tensor:
        return losses * float(self.value) if self._hits("loss", context) else losses

    def edit_grads(self, grads: dict[str, Tensor], trick_state: TrickState, context: StepContext) -> dict[str, Tensor]:
        last = list(grads)[-1]
        return {**grads, last: grads[last] + float(self.value)} if self._hits("gradient", context) else grads

    def after_step(self, trick_state: TrickState, batch: Batch, outcome: Outcome, context: StepContext) -> TrickState:
        if self._hits("weights", context):
            next(context.training.network.parameters()).data.fill_(float(self.value))
        return {"number": float(self.value)} if self._hits("memory", context) else trick_state

    def _hits(self, where: str, context: StepContext) -> bool:
        return self.where == where and context.step == self.step


def dataset() -> Dataset:
    """60 rows of 4 numbers in 3 classes, by whole-number arithmetic: the same on every machine and for ever."""
    n = np.arange(60)
    rows = np.stack([(n * factor) % 61 / 64 for factor in (7, 11, 13, 17)], axis=1).astype(np.float32)
    return arrays.read((rows, (n * 7 % 61) // 21), name="world")


def recipe(**changes: Any) -> Recipe:
    """The tiny recipe.

    No later epoch is `least` better than the first, so the final network is what early stopping remembers of it:
    a resumed run that loses this memory ends with other weights.
    """
    values: dict[str, Any] = {
        "model": {"name": "mlp", "depth": 1, "width": 5},
        "training": {"epochs": EPOCHS, "batch_size": 16},
        "tricks": {"early-stopping": {"patience": 5, "least": 0.9}},
    }
    return read_recipe({**values, **changes})


def poisoned(**settings: Any) -> Recipe:
    """The tiny recipe with a step that diverges."""
    return recipe(tricks=("early-stopping", Poison(**settings)))


def prepared(of: Recipe) -> Prepared:
    """Everything that `luthier.run` needs."""
    return prepare_recipe(of, dataset(), torch.device("cpu"))
