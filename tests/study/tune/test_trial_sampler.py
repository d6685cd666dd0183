"""Proposals: from the plan and what is known alone, whatever the order in which it came."""

import random
from collections import Counter

import pytest
from optuna.study import StudyDirection
from optuna.trial import TrialState

from luthier.study.tune.trial import Outcome, Trial, TrialJob
from luthier.study.tune.trial_sampler import _to_optuna, list_directions, suggest_params

from .simulated import plan_of

CONDITIONAL = {
    "optimizer": {"name": {"choices": ["momentum", "adamw", "sgd"]}, "momentum": {}, "learning_rate": {}},
    "model": {"width": {}, "dropout": {}},
}
SLOW_GP = pytest.param("gp", marks=pytest.mark.slow)
SAMPLERS = ("tpe", SLOW_GP, "random", "quasi-random")


def outcome(scores, ended="finished", costs=None):
    return Outcome(scores, ended, 1.0, 700, 1, costs or {"parameters": 900.0}, None)


def trials_of(plan, count, seed=0):
    """Trials of one job each, with scores by lot, some of which came to nothing and some stopped on their way."""
    chance, found = random.Random(seed), []
    for number in range(count):
        params, how = suggest_params(plan, number, found, number)
        score = {9: chance.random()} if number % 5 != 3 else {1: chance.random()}
        ended = {3: "paused", 4: "diverged"}.get(number % 5, "finished")
        job = TrialJob(number, number, max(score))
        costs = {"parameters": float(chance.randrange(100, 900))}
        found.append(Trial(number, params, how, 0, [job], {number: outcome(score, ended, costs)}))
    return found


def test_the_default_comes_first_and_a_third_is_quasi_random():
    plan = plan_of(trials=10)
    hows = [trial.how for trial in trials_of(plan, 10)]
    assert hows == ["default", *["quasi-random"] * 3, *["tpe"] * 6]
    assert suggest_params(plan, 0, [], 0)[0] == plan.space.default_values()


@pytest.mark.parametrize("space", [None, CONDITIONAL], ids=["plain", "conditional"])
@pytest.mark.parametrize("name", SAMPLERS)
def test_equal_seeds_and_equal_results_make_equal_proposals(name, space):
    plan = plan_of(trials=9, sampler=name, space=space)
    known = trials_of(plan, 8)
    expected = suggest_params(plan, 8, known, 8)
    assert expected[1] == name and plan.space.is_complete(expected[0])
    assert all(one.contains(expected[0][one.path]) for one in plan.space.dimensions if one.path in expected[0])
    random.random(), random.seed(99)
    assert suggest_params(plan, 8, known, 8) == expected
    other = plan_of(trials=9, sampler=name, space=space, seed=1)
    assert suggest_params(other, 8, known, 8)[0] != expected[0]


@pytest.mark.parametrize("name", ["tpe", SLOW_GP])
def test_the_order_in_which_results_came_does_not_matter(name):
    plan = plan_of(trials=12, sampler=name, space=CONDITIONAL)
    known = trials_of(plan, 11)
    expected = suggest_params(plan, 11, known, 11)
    for seed in range(3):
        shuffled = [Trial(one.number, dict(one.params), one.how, 0, list(one.jobs)) for one in known]
        for one in random.Random(seed).sample(known, len(known)):
            shuffled[one.number].outcomes.update(one.outcomes)
        assert suggest_params(plan, 11, shuffled, 11) == expected


@pytest.mark.parametrize("name", ["tpe", SLOW_GP])
def test_results_of_later_jobs_are_not_looked_at(name):
    plan = plan_of(trials=12, sampler=name)
    known = trials_of(plan, 11)
    expected = suggest_params(plan, 11, known, 7)
    for one in known[7:]:
        one.outcomes[one.number] = outcome({9: 5.0 + one.number})
    assert suggest_params(plan, 11, known, 7) == expected != suggest_params(plan, 11, known, 11)
    for one in known[7:]:
        one.outcomes.clear()
    assert suggest_params(plan, 11, known, 7) == expected


@pytest.mark.parametrize("name", ["tpe", "gp"])
def test_trials_that_run_are_counted_though_nothing_is_known_of_them(name):
    plan = plan_of(trials=12, sampler=name)
    known = trials_of(plan, 9)
    alone = suggest_params(plan, 9, known, 9)[0]
    there = Trial(9, alone, name, 0, [TrialJob(9, 9, 9)])
    other = suggest_params(plan, 9, [*known, there], 9)[0]
    assert other != alone
    assert all(one.contains(other[one.path]) for one in plan.space.dimensions)


def test_what_others_found_counts_whatever_the_numbers_of_their_jobs():
    plan = plan_of(trials=12)
    known, others = trials_of(plan, 9), trials_of(plan, 9, seed=3)
    for one in others:
        one.jobs = [TrialJob(one.number + 500, one.number, 9)]
        one.outcomes = {one.number + 500: outcome({9: one.number / 10})}
    assert suggest_params(plan, 9, known, 6, others) != suggest_params(plan, 9, known, 6)
    assert suggest_params(plan, 4, [], 0, others)[1] == "tpe" and suggest_params(plan, 4, [], 0)[1] == "quasi-random"


def test_while_nothing_is_known_proposals_are_quasi_random():
    plan = plan_of(trials=3)
    running = [
        Trial(number, plan.space.default_values(), "default", 0, [TrialJob(number, number, 9)]) for number in range(2)
    ]
    assert suggest_params(plan, 2, running, 0)[1] == "quasi-random"
    running[0].outcomes[0] = outcome({9: 0.5})
    assert suggest_params(plan, 2, running, 0)[1] == "quasi-random"
    assert suggest_params(plan, 2, running, 1)[1] == "tpe"


def test_quasi_random_points_fill_the_space_evenly():
    plan = plan_of(trials=None, minutes=1.0, sampler="quasi-random", space={"model": {"dropout": {}, "width": {}}})
    points = [suggest_params(plan, number, [], 0)[0] for number in range(1, 65)]
    cells = Counter(
        tuple(int(8 * one.share_below(point[one.path])) for one in plan.space.dimensions) for point in points
    )
    assert len({one["model.dropout"] for one in points}) == 64
    assert max(cells.values()) <= 2 and len(cells) >= 58  # one in each but for rounding at whole widths


def test_a_proposal_of_tpe_follows_the_scores():
    plan = plan_of(trials=40, space={"model": {"dropout": {}, "width": {}}})
    known = trials_of(plan, 30)
    for one in known:
        one.outcomes = {one.number: outcome({9: -abs(one.params.get("model.dropout", 0.0) - 0.6)})}
    found = [suggest_params(plan, number, known, 30)[0]["model.dropout"] for number in range(30, 40)]
    assert sum(abs(one - 0.6) < 0.15 for one in found) >= 7
    for one in known:
        one.outcomes = {one.number: outcome({9: abs(one.params.get("model.dropout", 0.0) - 0.6)})}
    assert (
        sum(abs(suggest_params(plan, number, known, 30)[0]["model.dropout"] - 0.6) < 0.15 for number in range(30, 40))
        <= 3
    )


@pytest.mark.parametrize(
    ("metric", "first"), [("accuracy", StudyDirection.MAXIMIZE), ("loss", StudyDirection.MINIMIZE)]
)
def test_a_cost_is_to_be_small_and_the_metric_as_it_is_better(metric, first):
    assert list_directions(plan_of(monitor=metric)) == [first]
    assert list_directions(plan_of(monitor=metric, objectives=(metric, "parameters"))) == [
        first,
        StudyDirection.MINIMIZE,
    ]


@pytest.mark.parametrize("name", SAMPLERS)
def test_two_objectives_are_searched_alike(name):
    plan = plan_of(trials=12, sampler=name, objectives=("accuracy", "parameters"), pruner="none", space=CONDITIONAL)
    known = trials_of(plan, 11)
    params, how = suggest_params(plan, 11, known, 11)
    assert how == name and plan.space.is_complete(params)
    assert suggest_params(plan, 11, known, 11) == (params, how)


def states(plan, trial, before):
    frozen = _to_optuna(plan, trial, before)
    return frozen.state, frozen.values, frozen.intermediate_values


def test_optuna_is_told_what_was_known_before_a_job():
    plan = plan_of()
    trial = Trial(2, {"model.width": 64, "model.dropout": 0.1}, "tpe", 0, [TrialJob(2, 2, 1)])
    assert states(plan, trial, 3) == (TrialState.RUNNING, None, {})
    trial.outcomes[2] = outcome({1: 0.4}, "paused")
    assert states(plan, trial, 2) == (TrialState.RUNNING, None, {})
    assert states(plan, trial, 3) == (TrialState.PRUNED, None, {1: 0.4})
    trial.jobs.append(TrialJob(5, 2, 9))
    assert states(plan, trial, 3) == (TrialState.RUNNING, None, {1: 0.4})
    trial.outcomes[5] = outcome({1: 0.4, 9: 0.7})
    assert states(plan, trial, 5) == (TrialState.RUNNING, None, {1: 0.4})
    assert states(plan, trial, 6) == (TrialState.COMPLETE, [0.7], {1: 0.4, 9: 0.7})
    trial.outcomes[5] = outcome({1: 0.4}, "diverged")
    assert states(plan, trial, 6) == (TrialState.PRUNED, None, {1: 0.4})


def test_a_trial_outside_of_the_space_is_not_told():
    assert _to_optuna(plan_of(), Trial(0, {"model.width": 64}, "default", 0, [TrialJob(0, 0, 9)]), 1) is None
