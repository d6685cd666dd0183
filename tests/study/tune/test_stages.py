"""The plan of a study: it comes back from its file, and its seeds do not meet."""

import json
from dataclasses import replace

import pytest

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
