"""The battery for schedules, over the catalogue and on broken ones."""

import math

import pytest
from pydantic import PrivateAttr

from luthier.optim import SCHEDULES
from luthier.optim.schedules import (
    Constant,
    Cosine,
    Exponential,
    MultiStep,
    OneCycle,
    Polynomial,
    ReduceOnPlateau,
    Step,
    WarmRestarts,
)
from luthier.testing import check_schedule


@pytest.mark.parametrize(
    "schedule",
    [
        *(member() for member in SCHEDULES),
        Constant(warmup=1.0),
        Cosine(final=1.0),
        Exponential(final=1e-300),
        MultiStep(places=()),
        MultiStep(places=(0.999, 0.001), drop=1e-300),
        OneCycle(rise=0.0),
        OneCycle(rise=0.99, start=0.0),
        Polynomial(power=0.0),
        Polynomial(power=1e300),
        ReduceOnPlateau(patience=1, drop=1e-300),
        Step(every=1e-300, drop=1e-300),
        WarmRestarts(cycles=100, growth=10.0),
    ],
    ids=repr,
)
def test_catalogue(schedule):
    check_schedule(schedule)


class Negative(Constant):
    """Goes below 0."""

    def curve(self, step, total, scores):
        return 1 - 2 * step / total


class Undefined(Constant):
    """Divides by 0 in a training of one step, in floating point."""

    def curve(self, step, total, scores):
        return step / (total - 1) if total > 1 else math.nan


class Whole(Constant):
    """Gives a whole number."""

    def curve(self, step, total, scores):
        return 1


class Cold(Constant):
    """Has no warm-up."""

    def factor(self, step, total, scores):
        return 1.0


class Remembers(Constant):
    """Falls whenever it is asked."""

    _asked: list = PrivateAttr(default_factory=list)

    def curve(self, step, total, scores):
        self._asked.append(step)
        return 1 / len(self._asked)


FINITE = "constant in {} steps with scores [] must give finite factors of at least 0, but gave [{}]"


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (Negative, FINITE.format(7, "-0.1428571428571428")),
        (Undefined, FINITE.format(1, "nan")),
        (Whole, FINITE.format(1, "1")),
        (Cold, "constant must rise with warmup 0.5 to 0.285714 at step 0 of 7, but gave 1; give `curve`, and leave "),
        (Remembers, "constant in 1 steps with scores [] must depend on its arguments alone, "),
    ],
)
def test_red(broken, message, red):
    assert red(check_schedule, broken()).startswith(message)
