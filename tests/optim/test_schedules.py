"""The warm-up, before any schedule."""

import math
from itertools import pairwise

import pytest
import torch
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LinearLR,
    MultiStepLR,
    PolynomialLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)

from luthier.core.errors import BadInput
from luthier.core.rng import generator
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
from luthier.recipe.read import read_recipe

TOTALS = (1, 7, 40)


def test_a_warm_up_is_pytorchs_straight_line(pytorchs):
    """It reaches the full rate with its last step: the first of 10 has a tenth."""
    found = [Constant(warmup=0.25).factor(step, 40, ()) for step in range(40)]
    assert found == pytest.approx(pytorchs(lambda one: LinearLR(one, 0.1, total_iters=9), 40), rel=1e-9)
    assert found[:2] == [0.1, 0.2]
    assert found[9:] == [1.0] * 31


def test_it_lies_over_the_schedule():
    """A cosine is at its middle when half of the steps are over, warmed up or not."""
    found = [Cosine(warmup=0.5, final=0.1).factor(step, 8, ()) for step in range(8)]
    plain = [Cosine(final=0.1).factor(step, 8, ()) for step in range(8)]
    assert found == pytest.approx([0.25 * plain[0], 0.5 * plain[1], 0.75 * plain[2], *plain[3:]], rel=1e-12)


@pytest.mark.parametrize("member", list(SCHEDULES), ids=lambda one: one.name)
def test_without_a_warm_up_the_curve_is_all(member):
    for total in TOTALS:
        for step in range(total):
            assert member().factor(step, total, (0.5, 0.4)) == member().curve(step, total, (0.5, 0.4))


@pytest.mark.parametrize(("warmup", "total"), [(1.0, 7), (0.3, 1), (0.01, 7)])
def test_ends_of_the_range(warmup, total):
    found = [Constant(warmup=warmup).factor(step, total, ()) for step in range(total)]
    assert found == pytest.approx([min(1, (step + 1) / (warmup * total)) for step in range(total)])
    assert found[-1] == 1.0


def test_it_stays():
    assert [Constant().factor(step, 7, (0.1, 0.2)) for step in range(7)] == [1.0] * 7


def pytorchs_of_cosine(total, final):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total, eta_min=final)
    rates = []
    for _ in range(total):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


@pytest.mark.parametrize(("total", "final"), [(1, 0.0), (7, 0.0), (40, 0.1), (3, 1.0)])
def test_against_pytorch_of_cosine(total, final):
    found = [Cosine(final=final).factor(step, total, ()) for step in range(total)]
    assert found == pytest.approx(pytorchs_of_cosine(total, final), rel=1e-9, abs=1e-12)


def test_ends_and_middle():
    schedule = Cosine(final=0.2)
    assert schedule.factor(0, 10, ()) == 1.0
    assert schedule.factor(5, 10, ()) == pytest.approx(0.6)
    assert schedule.factor(10, 10, ()) == pytest.approx(0.2)
    assert schedule.factor(9, 10, ()) == pytest.approx(0.2 + 0.8 * (1 + math.cos(0.9 * math.pi)) / 2)


def test_it_only_falls():
    found = [Cosine().factor(step, 50, ()) for step in range(50)]
    assert all(before > after > 0 for before, after in pairwise(found))


@pytest.mark.parametrize(("total", "final"), [(1, 0.1), (7, 0.01), (40, 0.5), (3, 1.0)])
def test_against_pytorch_of_exponential(pytorchs, total, final):
    found = [Exponential(final=final).factor(step, total, ()) for step in range(total)]
    assert found == pytest.approx(pytorchs(lambda one: ExponentialLR(one, final ** (1 / total)), total), rel=1e-9)


def test_ends():
    assert Exponential(final=0.3).factor(0, 9, ()) == 1.0
    assert Exponential(final=0.3).factor(9, 9, ()) == 0.3


@pytest.mark.parametrize(
    ("total", "places", "steps", "drop"),
    [
        (64, (0.5, 0.75), [32, 48], 0.1),
        (10, (0.9, 0.3), [3, 9], 0.5),
        (100, (0.07, 0.07), [7, 7], 0.5),
        (7, (), [], 0.1),
    ],
)
def test_against_pytorch_of_multi_step(pytorchs, total, places, steps, drop):
    found = [MultiStep(places=places, drop=drop).factor(step, total, ()) for step in range(total)]
    assert found == pytest.approx(pytorchs(lambda one: MultiStepLR(one, steps, drop), total), rel=1e-9)


def test_the_first_step_is_at_the_full_rate():
    assert [MultiStep(drop=0.5).factor(step, 2, ()) for step in range(2)] == [1.0, 0.5**1]
    assert MultiStep(places=(0.001,)).factor(0, 3, ()) == 1.0


@pytest.mark.parametrize("place", [0.0, 1.0, 1.5, -0.5, "half"])
def test_places_lie_within_the_training(place):
    with pytest.raises(BadInput) as caught:
        read_recipe({"schedule": {"name": "multi-step", "places": [0.5, place]}})
    assert str(caught.value) == (
        f"schedule.places[1] must be a number above 0 and below 1, but got {place!r}; "
        "where the rate drops, in shares of the training above 0 and below 1; "
        "an empty list has no drops (default (0.5, 0.75))"
    )


def factors(total, **values):
    return [OneCycle(**values).factor(step, total, ()) for step in range(total)]


def pytorchs_of_one_cycle(total, top, start):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    parts = [LinearLR(optimizer, start, total_iters=top), CosineAnnealingLR(optimizer, total - top)]
    schedule = SequentialLR(optimizer, parts, milestones=[top])
    rates = []
    for _ in range(total):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


@pytest.mark.parametrize(("total", "top", "start"), [(20, 5, 0.05), (40, 30, 0.5)])
@pytest.mark.filterwarnings("ignore:The epoch parameter in `scheduler.step:UserWarning")
def test_against_pytorch_of_one_cycle(total, top, start):
    assert factors(total, rise=top / total, start=start) == pytest.approx(
        pytorchs_of_one_cycle(total, top, start), rel=1e-9
    )


def test_ends_and_top():
    found = factors(40, rise=0.25, start=0.05)
    assert (found[0], found[10]) == (0.05, 1.0)
    assert found.index(max(found)) == 10
    assert 0 < found[-1] < 0.01
    assert OneCycle().factor(40, 40, ()) == 0.0


def test_it_rises_then_falls():
    found = factors(40, rise=0.25)
    assert all(before < after for before, after in pairwise(found[:11]))
    assert all(before > after for before, after in pairwise(found[10:]))
    assert [after - before for before, after in pairwise(found[:11])] == pytest.approx([0.095] * 10)


def test_without_a_rise_it_starts_at_the_full_rate():
    assert factors(4, rise=0.0)[0] == 1.0


@pytest.mark.parametrize("total", [1, 2, 3])
def test_short_trainings(total):
    """A top between two steps is never reached, and never passed."""
    assert all(0 < one <= 1 for one in factors(total, rise=0.4))


@pytest.mark.parametrize(("total", "power"), [(1, 1.0), (7, 1.0), (40, 2.5), (11, 0.5), (3, 0.0)])
def test_against_pytorch_of_polynomial(pytorchs, total, power):
    found = [Polynomial(power=power).factor(step, total, ()) for step in range(total)]
    assert found == pytest.approx(pytorchs(lambda one: PolynomialLR(one, total, power), total), rel=1e-9)


@pytest.mark.parametrize("final", [0.0, 0.2, 1.0])
def test_the_first_power_is_a_straight_line(pytorchs, final):
    found = [Polynomial(final=final).factor(step, 13, ()) for step in range(13)]
    assert found == pytest.approx(pytorchs(lambda one: LinearLR(one, 1.0, final, 13), 13), rel=1e-9)


def pytorchs_of_reduce_on_plateau(scores, drop, patience, least):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = ReduceLROnPlateau(
        optimizer, "max", drop, patience=patience - 1, threshold=least, threshold_mode="abs", eps=0.0
    )
    rates = [1.0]
    for score in scores:
        schedule.step(score)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


@pytest.mark.parametrize("sign", [1, -1], ids=["accuracy", "loss"])
@pytest.mark.parametrize(("drop", "patience", "least"), [(0.1, 1, 0.0), (0.5, 3, 0.0), (0.5, 2, 0.2), (0.9, 5, 0.0)])
def test_against_pytorch_of_reduce_on_plateau(sign, drop, patience, least):
    scores = (sign * torch.rand(60, generator=generator(patience, "scores"))).double().tolist()
    schedule = ReduceOnPlateau(drop=drop, patience=patience, least=least)
    found = [schedule.factor(0, 7, scores[:epochs]) for epochs in range(61)]
    assert found == pytest.approx(pytorchs_of_reduce_on_plateau(scores, drop, patience, least), rel=1e-9)
    assert len(set(found)) > 2


def test_an_equal_score_is_no_rise_and_a_rise_of_the_least_is():
    schedule = ReduceOnPlateau(drop=0.5, patience=1)
    assert schedule.factor(0, 7, [0.25, 0.25]) == 0.5
    assert ReduceOnPlateau(drop=0.5, patience=1, least=0.25).factor(0, 7, [0.25, 0.5]) == 1.0


def test_it_needs_a_validation_part():
    with pytest.raises(BadInput) as caught:
        read_recipe({"schedule": "reduce-on-plateau", "split": {"validation": 0}, "tricks": ["early-stopping"]})
    assert caught.value.problems == (
        "tricks.early-stopping needs a validation part, but split.validation is 0; "
        "set it above 0 or take the trick out",
        "schedule.reduce-on-plateau needs a validation part, but split.validation is 0; "
        "set it above 0 or choose another schedule",
    )


@pytest.mark.parametrize(
    ("total", "every", "steps", "drop"), [(30, 0.3, 9, 0.1), (7, 0.4, 3, 0.5), (100, 0.07, 7, 0.9), (5, 1.0, 5, 0.1)]
)
def test_against_pytorch_of_step(pytorchs, total, every, steps, drop):
    found = [Step(every=every, drop=drop).factor(step, total, ()) for step in range(total)]
    assert found == pytest.approx(pytorchs(lambda one: StepLR(one, steps, drop), total), rel=1e-9)


def test_a_share_below_a_step_is_a_step():
    assert [Step(every=0.01, drop=0.5).factor(step, 3, ()) for step in range(3)] == [1.0, 0.5, 0.25]


def test_no_drops():
    assert {Step(every=1.0).factor(step, 7, ()) for step in range(7)} == {1.0}
    assert {Step(drop=1.0).factor(step, 7, ()) for step in range(7)} == {1.0}


@pytest.mark.parametrize(
    ("cycles", "growth", "first", "final"), [(3, 2, 3, 0.0), (5, 1, 7, 0.1), (3, 3, 4, 0.0), (1, 2, 9, 0.5)]
)
def test_against_pytorch_of_warm_restarts(pytorchs, cycles, growth, first, final):
    total = first * sum(growth**number for number in range(cycles))
    schedule = WarmRestarts(cycles=cycles, growth=float(growth), final=final)
    found = [schedule.factor(step, total, ()) for step in range(total)]
    oracle = pytorchs(lambda one: CosineAnnealingWarmRestarts(one, first, growth, final), total)
    assert found == pytest.approx(oracle, rel=1e-9, abs=1e-12)


def test_one_cycle_is_the_cosine():
    for step in range(11):
        assert WarmRestarts(cycles=1, final=0.2).factor(step, 11, ()) == Cosine(final=0.2).factor(step, 11, ())


def test_cycles_begin_at_whole_steps_and_fill_the_training():
    """Lengths 1, 1.5 and 2.25 in 47 steps: edges 9.89 and 24.74 go to whole steps."""
    found = [WarmRestarts(cycles=3, growth=1.5).factor(step, 47, ()) for step in range(47)]
    assert [step for step, factor in enumerate(found) if factor == 1.0] == [0, 10, 25]
    assert 0 < found[-1] < 0.01


def test_more_cycles_than_steps():
    assert [WarmRestarts(cycles=100, growth=1.0).factor(step, 7, ()) for step in range(7)] == [1.0] * 7
