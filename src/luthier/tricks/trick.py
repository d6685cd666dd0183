"""The contract of a trick: hooks that take a value and a context and return the value."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Part
from luthier.models import Network
from luthier.optim.groups import ParameterGroup
from luthier.tricks.moment import Forward, StepContext

TrickState = Mapping[str, Any]
"""What a trick remembers: tensors, numbers, texts and None, in dicts and lists. The checkpoint saves it."""


@dataclass(frozen=True)
class Outcome:
    """What a forward and backward pass found, all detached.

    losses: of each example (B,). mean: their weighted mean ().
    skip: whether the step must be left out though its loss is finite (), as where a scaled gradient overflows; None
        where nobody asks. A layer that calls the pass several times asks where any of them does: see `skipping`.
    """

    losses: Tensor
    mean: Tensor
    skip: Tensor | None = None


def skipping(outcomes: Iterable[Outcome]) -> Tensor | None:
    """Whether any of several passes asks to leave the step out; None where none has a say."""
    asked = [one.skip for one in outcomes if one.skip is not None]
    return torch.stack(asked).any() if asked else None


Backward = Callable[[Batch, float | Tensor], Outcome]
"""Adds share x gradient of the batch's mean loss to the gradients: backward(batch, share)."""


@dataclass(frozen=True)
class Setup:
    """What a trick may change before the first step.

    network: the network, initialised; to be changed in place, never replaced. groups: who is updated, and how.
    sample: some training examples, unaugmented.
    """

    network: nn.Module
    groups: tuple[ParameterGroup, ...]
    sample: Batch


@dataclass(frozen=True)
class Report:
    """What the evaluation after an epoch found.

    network: the one that was evaluated. score: the deciding metric, larger is better; None without a validation part.
    """

    network: nn.Module
    score: float | None


class Trick(Part):
    """All hooks do nothing by default; the loop calls only those that a trick overrides.

    The declaration is frozen; what changes is the memory, which hooks are handed and only `after_step` and
    `after_epoch` replace.

    needs_validation: whether it cannot do without a validation part. spreads_targets: whether its batches may have
    targets spread over several classes, which some losses do not take. needs_pictures: whether it cannot do with rows.
    tasks: what it is for, "classification", "regression" or both.
    """

    card: ClassVar[TrickCard]
    needs_validation: ClassVar[bool] = False
    spreads_targets: ClassVar[bool] = False
    needs_pictures: ClassVar[bool] = False
    tasks: ClassVar[tuple[str, ...]] = ("classification", "regression")

    def streams(self) -> dict[str, int]:
        """Extra streams wanted in `batch.aux`, each with its number of examples per example of the batch."""
        return {}

    def setup(self, value: Setup, context: StepContext) -> Setup:
        """Change the network or the groups before training; runs again, with the same draws, on resume."""
        return value

    def begin(self, network: nn.Module, context: StepContext) -> TrickState:
        """Make the memory that the first step sees; on resume it comes from the checkpoint instead."""
        return {}

    def edit_batch(self, batch: Batch, trick_state: TrickState, context: StepContext) -> Batch:
        """Change inputs, targets, weights or extra streams; labels and index stay."""
        return batch

    def edit_loss(
        self, losses: Tensor, batch: Batch, logits: Tensor, trick_state: TrickState, context: StepContext
    ) -> Tensor:
        """Change the loss of each example (B,)."""
        return losses

    def wrap_forward(self, forward: Forward, trick_state: TrickState, context: StepContext) -> Forward:
        """Surround the network alone, from inputs to logits, in training; `StepContext.forward` goes through it too."""
        return forward

    def wrap_backward(self, backward: Backward, trick_state: TrickState, context: StepContext) -> Backward:
        """Surround the forward and backward pass; the outcome may ask to skip the step."""
        return backward

    def edit_grads(self, grads: dict[str, Tensor], trick_state: TrickState, context: StepContext) -> dict[str, Tensor]:
        """Change the gradients, by parameter name; a parameter that is left out is not updated."""
        return grads

    def after_step(self, trick_state: TrickState, batch: Batch, outcome: Outcome, context: StepContext) -> TrickState:
        """Remember something after the update: of the batch as the tricks made it, and of its losses before."""
        return trick_state

    def after_epoch(self, trick_state: TrickState, report: Report, context: StepContext) -> tuple[TrickState, bool]:
        """Remember something after the evaluation; True ends training."""
        return trick_state, False

    def eval_model(self, network: nn.Module, trick_state: TrickState, context: StepContext) -> nn.Module:
        """Give the network to evaluate and, at the final moment, to keep; the trained one must not change."""
        return network

    def inference_model(self, network: Network) -> Network:
        """Give the network that a stored run answers with: by the declaration alone, tensors and their names as before.

        What it does at the end of training, `eval_model` has to do too, so that the run answers as it was evaluated.
        """
        return network
