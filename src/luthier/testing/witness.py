"""A trick that changes nothing, records what it sees, and checks what every trick must leave alone."""

from dataclasses import dataclass
from typing import Any

import torch
from pydantic import PrivateAttr
from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.testing.compare import require
from luthier.testing.material import Mask, Shade
from luthier.training.trick import Backward, Outcome, Setup, StepContext, Trick, TrickState


@dataclass(frozen=True)
class Step:
    """What the witness saw in one step.

    index: numbers of the examples. own: what it drew itself. masks, shades: first numbers of all the dropout masks
    and augmentations drawn since the step before.
    """

    index: Tensor
    own: float
    masks: tuple[float, ...]
    shades: tuple[float, ...]


class First(Trick):
    """Acts before the trick under test and records the global generator, whose draws belong to the forward pass."""

    name = "0-first"
    card = TrickCard(summary="Notes.", source="the test batteries of Luthier")

    _state: Tensor = PrivateAttr()

    def edit_batch(self, batch: Batch, trick_state: TrickState, context: StepContext) -> Batch:
        self._state = torch.get_rng_state()
        return batch

    def edit_loss(
        self, losses: Tensor, batch: Batch, logits: Tensor, trick_state: TrickState, context: StepContext
    ) -> Tensor:
        self._state = torch.get_rng_state()
        return losses

    def edit_grads(self, grads: dict[str, Tensor], trick_state: TrickState, context: StepContext) -> dict[str, Tensor]:
        self._state = torch.get_rng_state()
        return grads

    def after_step(self, trick_state: TrickState, batch: Batch, outcome: Outcome, context: StepContext) -> TrickState:
        self._state = torch.get_rng_state()
        return trick_state

    def check(self, hook: str) -> None:
        """Check that the generator has not moved."""
        same = torch.equal(self._state, torch.get_rng_state())
        require(
            same, f"{hook} must not move the global generator; draw from context.rng() or within context.seed_draws()"
        )


class Witness(Trick):
    """Acts after the trick under test, so that it sees what that trick leaves."""

    name = "witness"

    _first: First = PrivateAttr(default_factory=First)
    _shade: Shade = PrivateAttr()
    _index: Tensor = PrivateAttr()
    _own: float = PrivateAttr(0.0)
    _setup: list[float] = PrivateAttr(default_factory=list)
    _steps: list[Step] = PrivateAttr(default_factory=list)
    _counts: tuple[int, int] = PrivateAttr((0, 0))
    _spread: bool = PrivateAttr(False)

    @property
    def first(self) -> First:
        """The trick that must act before the one under test."""
        return self._first

    @property
    def steps(self) -> list[Step]:
        """The records of all steps so far."""
        return self._steps

    @property
    def setup_draws(self) -> list[float]:
        """The numbers drawn in `setup`, from its own stream and from the global one."""
        return self._setup

    @property
    def spread(self) -> bool:
        """Whether a target was spread over several classes."""
        return self._spread

    def setup(self, value: Setup, context: StepContext) -> Setup:
        self._setup += [_number(context.rng()), torch.rand(()).item()]
        known = {id(parameter) for parameter in value.network.parameters()}
        strange = [
            n for group in value.groups for n, parameter in group.parameters.items() if id(parameter) not in known
        ]
        require(not strange, f"setup must return groups of the network's own parameters, but {strange} are not")
        return value

    def edit_batch(self, batch: Batch, trick_state: TrickState, context: StepContext) -> Batch:
        self._first.check("edit_batch")
        self._index, self._own = batch.index.clone(), _number(context.rng())
        return batch

    def edit_loss(
        self, losses: Tensor, batch: Batch, logits: Tensor, trick_state: TrickState, context: StepContext
    ) -> Tensor:
        self._first.check("edit_loss")
        size, examples = len(batch), context.training.examples
        true = torch.equal(batch.label, examples.labels[batch.index])
        require(true, "labels must stay the true classes of the examples in index")
        require(losses.shape == (size,), f"edit_loss must give one loss per example, but gave {tuple(losses.shape)}")
        require(batch.target.shape == (size, examples.classes), "targets must stay one row of classes per example")
        self._spread = self._spread or not bool(((batch.target == 0) | (batch.target == 1)).all())
        require(batch.weight.shape == (size,), "weights must stay one per example")
        return losses

    def wrap_backward(self, backward: Backward, trick_state: TrickState, context: StepContext) -> Backward:
        def seen(batch: Batch, share: float | Tensor) -> Outcome:
            outcome = backward(batch, share)
            shapes = (tuple(outcome.losses.shape), tuple(outcome.mean.shape))
            expected = ((len(batch),), ())
            require(
                shapes == expected, f"wrap_backward must give losses and mean of shapes {expected}, but gave {shapes}"
            )
            free = not (outcome.losses.requires_grad or outcome.mean.requires_grad)
            require(free, "wrap_backward must give losses that are cut off from the graph")
            return outcome

        return seen

    def edit_grads(self, grads: dict[str, Tensor], trick_state: TrickState, context: StepContext) -> dict[str, Tensor]:
        self._first.check("edit_grads")
        return grads

    def after_step(self, trick_state: TrickState, batch: Batch, outcome: Outcome, context: StepContext) -> TrickState:
        self._first.check("after_step")
        masks = [n for module in context.training.network.modules() if isinstance(module, Mask) for n in module.drawn]
        shades = self._shade.drawn
        first, second = self._counts
        self._steps.append(Step(self._index, self._own, tuple(masks[first:]), tuple(shades[second:])))
        self._counts = (len(masks), len(shades))
        return trick_state


def witness(shade: Shade, after: str = "") -> Witness:
    """Make a witness that acts after the named trick and watches the given augmentation."""
    card = TrickCard(summary="Sees.", source="the test batteries of Luthier", after=(after,) if after else ())
    made: Any = type("After", (Witness,), {"card": card, "__module__": __name__})()
    made._shade = shade
    return made  # type: ignore[no-any-return]  # the class was made here


def _number(rng: torch.Generator) -> float:
    return torch.rand((), generator=rng).item()
