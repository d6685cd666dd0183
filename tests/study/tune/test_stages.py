"""The plan of a study: it comes back from its file, its seeds do not meet, and at which epochs trials are compared."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from luthier.study.tune.stages import ETA, PRUNERS, list_rungs, promote

from .simulated import plan_of

SPACE = {"optimizer": {"name": {"choices": ["momentum", "adamw"]}, "momentum": {}}, "model": {"width": {"step": 8}}}


@pytest.mark.parametrize(
    "plan",
    [
        plan_of(),
        plan_of(5, space=SPACE, trials=None, minutes=2.5, sampler="gp", pruner="hyperband"),
        plan_of(objectives=("accuracy", "flops"), pruner="none", salt="ab", seed=7, monitor="accuracy"),
        plan_of(proposals=({"model.width": 64}, {"model.width": 32, "model.dropout": 0.5}), finder=0.01),
    ],
)
def test_a_plan_comes_back_from_a_file_as_it_was(plan):
    assert type(plan).of(json.loads(json.dumps(plan.dump()))) == plan


def test_no_two_seeds_of_a_study_meet():
    plan = plan_of()
    uses = ("trial", "race", "fresh", "suggestion", "quasi-random")
    seeds = [plan.seed(use, number) for use in uses for number in range(200)]
    assert len(set(seeds)) == len(seeds) and all(0 <= one < 2**31 for one in seeds)
    others = {plan_of(seed=1).seed("trial", number) for number in range(200)}
    salted = {replace(plan, salt="there").seed("trial", number) for number in range(200)}
    assert not others & set(seeds) and not salted & set(seeds)


@pytest.mark.parametrize(("trials", "startup"), [(2, 1), (3, 1), (4, 2), (24, 8), (25, 9), (None, 10)])
def test_the_first_third_is_spread_evenly(trials, startup):
    assert plan_of(trials=trials, minutes=None if trials else 1.0).startup_trials == startup


def test_the_default_is_trained_whole_whatever_the_others_are():
    plan = plan_of(20)
    assert plan.rungs(0) == (20,) and plan.rungs(1) == (2, 6, 20)


@pytest.mark.parametrize(
    ("epochs", "rungs"),
    [
        (1, (1,)),
        (2, (2,)),
        (3, (1, 3)),
        (5, (1, 5)),
        (8, (2, 8)),
        (9, (1, 3, 9)),
        (20, (2, 6, 20)),
        (100, (11, 33, 100)),
    ],
)
def test_the_first_comparison_comes_after_a_ninth_of_a_training_or_one_epoch(epochs, rungs):
    assert list_rungs(epochs) == rungs


@pytest.mark.parametrize("epochs", range(1, 120))
def test_rungs_rise_to_the_end_by_about_three(epochs):
    rungs = list_rungs(epochs)
    assert rungs[-1] == epochs and rungs[0] >= max(1, epochs // 9)
    assert all(ETA <= following / rung < 2 * ETA for rung, following in pairwise(rungs))


def test_of_two_nobody_goes_on_and_of_three_one():
    assert promote([]) == promote([(0.1, 0), (0.9, 1)]) == []
    assert promote([(0.1, 7), (0.9, 8), (0.5, 9)]) == [8]
    assert promote([(one / 10, one) for one in range(11)]) == [10, 9, 8]


def test_of_equal_scores_the_lower_number_goes_on():
    assert promote([(0.5, 4), (0.5, 2), (0.5, 3)]) == [2]


def test_hyperband_lets_trials_take_turns_and_none_trains_to_the_end():
    assert [PRUNERS["asha"](number, 20) for number in range(2)] == [(2, 6, 20)] * 2
    assert [PRUNERS["hyperband"](number, 20) for number in range(4)] == [(2, 6, 20), (6, 20), (20,), (2, 6, 20)]
    assert PRUNERS["none"](5, 20) == (20,)
