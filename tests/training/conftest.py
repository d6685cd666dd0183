"""Tricks that make a step go wrong, and small trainings on one thread."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from luthier.core.card import Card, TrickCard
from luthier.core.declare import hyperparameter
from luthier.optim import Schedule
from luthier.optim.optimizers import AdamW
from luthier.training.trick import Trick


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small are slower with several threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Poison(Trick):
    """Makes the loss or one gradient of one step something that is not finite."""

    name = "poison"
    card = TrickCard(summary="Spoils a step.", source="tests")

    at_step: int = hyperparameter(0, description="the step")
    value: str = hyperparameter("nan", description="what it becomes")
    what: str = hyperparameter("loss", description="loss or gradient")

    def edit_loss(self, losses, batch, logits, trick_state, context):  # type: ignore[no-untyped-def]
        bad = self.what == "loss" and context.step == self.at_step
        return losses * float(self.value) if bad else losses

    def edit_grads(self, grads, trick_state, context):  # type: ignore[no-untyped-def]
        if self.what == "gradient" and context.step == self.at_step:
            name = next(iter(grads))
            return {**grads, name: grads[name] * float(self.value)}
        return grads


class Unfused(AdamW):
    """The optimizer that cannot be told on the device to skip a step."""

    name = "unfused"
    card = Card(summary="AdamW without fused kernels.", source="tests")

    def build(self, groups):  # type: ignore[no-untyped-def]
        return torch.optim.AdamW(self._torch_groups(groups), foreach=False)


class Spike(Schedule):
    """Rate 0 but at one step."""

    name = "spike"
    card = Card(summary="One step.", source="tests")

    at_step: int = hyperparameter(0, description="the step")

    def curve(self, step, total, scores):  # type: ignore[no-untyped-def]
        return float(step == self.at_step)


@pytest.fixture
def poison() -> Callable[..., Any]:
    return Poison


@pytest.fixture
def unfused() -> Callable[..., Any]:
    return Unfused


@pytest.fixture
def spike() -> Callable[..., Any]:
    return Spike
