"""The contract of a trick: hooks that take a value and a context and return the value; order, conflicts, parts."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from luthier.core.batch import Batch, Inputs
from luthier.core.card import TrickCard
from luthier.core.declare import Part
from luthier.core.errors import BadInput
from luthier.core.rng import fork_rng, generator, seed_global
from luthier.data.augment import Composer
from luthier.data.loader import DeviceDataset, cut_batches
from luthier.models import Network
from luthier.optim.groups import ParameterGroup

Forward = Callable[[Inputs], Tensor]
"""From inputs to logits."""


@dataclass(frozen=True)
class TrainingContext:
    """What stays the same throughout a training.

    examples: the training part. total: steps of the whole training.
    """

    seed: int
    network: nn.Module
    examples: DeviceDataset
    augment: Composer
    batch_size: int
    epochs: int
    total: int

    @property
    def device(self) -> torch.device:
        return self.examples.device


@dataclass(frozen=True)
class StepContext:
    """The context of every hook.

    step: from 0. epoch: from 0. final: whether the network is wanted for its last evaluation.
    stream: prefix of this part's random streams. wrapped: the network as tricks surround it; None is as it is.
    """

    training: TrainingContext
    step: int
    epoch: int
    final: bool = False
    stream: str = ""
    wrapped: Forward | None = None

    def of(self, stream: str) -> "StepContext":
        """Return the same context with another part's random streams."""
        return replace(self, stream=stream)

    def rng(self, name: str = "", device: torch.device | str = "cpu") -> torch.Generator:
        """Make this part's generator for this step; a name keeps several draws of one part apart."""
        return generator(self.training.seed, f"{self.stream}/{name}", self.step, device)

    def augment(self, inputs: Tensor, view: str = "") -> Tensor:
        """Send pictures through the recipe's augmentations; each view draws anew."""
        return self.training.augment(inputs, lambda name: self.rng(f"augment/{name}/{view}"))

    def forward(self, inputs: Tensor, name: str = "") -> Tensor:
        """Send inputs through the network in training without moving the draws of any other forward pass."""
        with self.seed_draws(name):
            return self.logits(inputs)

    def logits(self, inputs: Inputs) -> Tensor:
        """Send inputs through the network as tricks surround it, under the draws of the moment."""
        logits: Tensor = (self.wrapped or self.training.network)(inputs)
        return logits

    @contextmanager
    def seed_draws(self, name: str = "") -> Iterator[None]:
        """Run code that draws from the global generators under this part's own stream."""
        with fork_rng(self.training.device):
            seed_global(self.training.seed, f"{self.stream}/forward/{name}", self.step, self.training.device)
            yield

    def batches(self) -> Iterator[Batch]:
        """Walk once through the training examples, augmented, in an order of this part's own."""
        examples = self.training.examples
        order = torch.randperm(len(examples), generator=self.rng("batches")).to(self.training.device)
        for number, positions in enumerate(cut_batches(order, self.training.batch_size)):
            batch = examples.batch(positions)
            yield batch.replace(inputs=self.augment(batch.inputs, f"batches/{number}"))  # type: ignore[arg-type]  # pictures, or no augmentation


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
    """Say whether any of several passes asks to leave the step out; None where none has a say."""
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
        """Name the extra streams wanted in `batch.aux`, each with its number of examples per example of the batch."""
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


def sort_tricks(tricks: Iterable[Trick]) -> tuple[Trick, ...]:
    """Sort tricks so that each follows those that its card names, the rest by name.

    Raises BadInput where the cards name each other in a circle.
    """
    by_name = {trick.name: trick for trick in sorted(tricks, key=lambda trick: trick.name)}
    sorter = TopologicalSorter(
        {name: [n for n in sorted(one.card.after) if n in by_name] for name, one in by_name.items()}
    )
    try:
        sorter.prepare()
    except CycleError as error:
        raise BadInput(
            f"tricks must not wait for each other, but {' after '.join(error.args[1])}; mend the cards' `after`"
        ) from None
    result: list[Trick] = []
    ready: list[str] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()])
        name = ready.pop(0)
        result.append(by_name[name])
        sorter.done(name)
    return tuple(result)


def conflicts(tricks: Sequence[Trick]) -> list[str]:
    """Write a line for each trick that is given twice and each pair that exclude each other, with the reason."""
    counts = Counter(trick.name for trick in tricks)
    by_name = {trick.name: trick for trick in tricks}
    twice = [
        f"tricks.{name} must be given once, but is given {count} times; take one of them out"
        for name, count in counts.items()
        if count > 1
    ]
    return twice + [
        f"tricks.{one.name} cannot be used beside tricks.{other}: {why}; take one of them out"
        for one in by_name.values()
        for other, why in one.card.conflicts.items()
        if other in by_name
    ]


LEAST = 3
"""From here on no part of a cut batch holds a single example."""


def cut_batch_rows(batch: Batch, size: int) -> list[Batch]:
    """Cut a batch into as few parts of at most `size` examples as there can be, their sizes differing by one."""
    places = torch.arange(len(batch)).tensor_split(-(-len(batch) // size))
    return [batch.rows(int(one[0]), int(one[-1]) + 1) for one in places]


def in_parts(backward: Backward, size: int) -> Backward:
    """Add up the gradients of parts of at most `size` examples: that of the whole batch, up to rounding."""

    def piecewise(batch: Batch, share: float | Tensor) -> Outcome:
        if len(batch) <= size:
            return backward(batch, share)
        pieces = cut_batch_rows(batch, size)
        shares = [one.weight.sum() / batch.weight.sum() for one in pieces]
        found = [backward(_weigh(one), part * share) for one, part in zip(pieces, shares, strict=True)]
        mean = torch.stack([one.mean * part for one, part in zip(found, shares, strict=True)]).sum()
        return Outcome(torch.cat([one.losses for one in found]), mean, skipping(found))

    return piecewise


def _weigh(part: Batch) -> Batch:
    """A part of which no example counts has no mean; its share is 0, so that any weights will do."""
    return part.replace(weight=torch.where(part.weight.sum() > 0, part.weight, torch.ones_like(part.weight)))
