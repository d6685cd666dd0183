"""A trick for tests: it acts after all others, changes nothing and keeps what it sees."""

from dataclasses import dataclass
from typing import Any

from pydantic import PrivateAttr
from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.training.trick import Outcome, StepContext, Trick, TrickState
from luthier.training.tricks import TRICKS
from luthier.training.tricks.weights import copy_weights

TOYS = ("double", "fixmatch", "pca-initialisation", "teacher")


@dataclass(frozen=True)
class Pass:
    """One forward pass: the batch that went in, the logits, the loss of each example after all edits."""

    step: int
    batch: Batch
    logits: Tensor
    losses: Tensor


class Spy(Trick):
    """Keeps every forward pass, and the gradients and the weights of every step."""

    name = "spy"
    card = TrickCard(summary="Keeps what it sees.", source="tests", after=(*TRICKS.members, *TOYS))

    _passes: list[Pass] = PrivateAttr(default_factory=list)
    _grads: list[dict[str, Tensor]] = PrivateAttr(default_factory=list)
    _weights: list[dict[str, Tensor]] = PrivateAttr(default_factory=list)

    @property
    def passes(self) -> list[Pass]:
        return self._passes

    @property
    def grads(self) -> list[dict[str, Tensor]]:
        return self._grads

    @property
    def weights(self) -> list[dict[str, Tensor]]:
        return self._weights

    def edit_loss(
        self, losses: Tensor, batch: Batch, logits: Tensor, trick_state: TrickState, context: StepContext
    ) -> Tensor:
        self._passes.append(Pass(context.step, batch, logits.detach().clone(), losses.detach().clone()))
        return losses

    def edit_grads(self, grads: dict[str, Tensor], trick_state: TrickState, context: StepContext) -> dict[str, Any]:
        self._grads.append({name: grad.clone() for name, grad in grads.items()})
        return grads

    def after_step(self, trick_state: TrickState, batch: Batch, outcome: Outcome, context: StepContext) -> TrickState:
        self._weights.append(copy_weights(context.training.network))
        return trick_state
