"""What a study has found: its numbers, the Pareto front, and what mattered."""

import math
import random
import time

import numpy as np
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from luthier.cli.output import describe_confirmation
from luthier.stats import expected_best
from luthier.study.tune import result as room
from luthier.study.tune.confirmation import Confirmation
from luthier.study.tune.result import find_front, make_result, measure_importance
from luthier.study.tune.trial import Outcome, Trial, TrialJob

from .simulated import plan_of

ENDS = [("finished", 0.5), ("paused", 0.25), ("finished", 0.75), ("diverged", 0.625), ("failed", None)]


def trials():
    for number, (ended, score) in enumerate(ENDS):
        scores = {} if score is None else {1: score}
        yield Trial(number, {}, "random", 0, [TrialJob(number, number, 1)],
                    {number: Outcome(scores, ended, 1.0, 100, 1, {})})  # fmt: skip


def test_the_curve_counts_every_trial():
    """A stopped one by its last score, though it was never in the race; one that came to nothing as the worst."""
    found = make_result(plan_of(), list(trials()), Confirmation((), [], 2, None))["expected_best"]
    assert [one["n"] for one in found] == [1, 2, 3, 4, 5]
    assert [one["mean"] for one in found] == expected_best([0.5, 0.25, 0.75, math.nan, math.nan])


def test_a_diverged_run_of_the_fresh_comparison_is_named():
    fresh = make_result(
        plan_of(), list(trials()), Confirmation((), [], 2, ([0.5, math.nan, 0.5], [0.75, 0.75, 0.875]))
    )["fresh"]
    assert fresh["diverged"] == 1 and fresh["difference"] == pytest.approx((0.25 + 0.25 + 0.375) / 3)
    assert describe_confirmation("accuracy", fresh).endswith("; 1 of the runs diverged, each counts as the worst")
    sound = make_result(plan_of(), list(trials()), Confirmation((), [], 2, ([0.5, 0.5, 0.5], [0.75, 0.75, 0.875])))[
        "fresh"
    ]
    assert "diverged" not in describe_confirmation("accuracy", sound)


def test_who_is_beaten_in_all_is_not_there():
    assert find_front({0: (1, 1), 1: (2, 2), 2: (0, 3)}) == [1, 2]
    assert find_front({0: (1, 1), 1: (1, 2), 2: (1, 2)}) == [1, 2]  # equals stay
    assert find_front({}) == [] and find_front({5: (1, 2)}) == [5]


def test_the_front_is_the_one_that_pairs_tell():
    chance = random.Random(0)
    for _ in range(30):
        points = {number: (chance.randrange(6), chance.randrange(6)) for number in range(12)}
        found = find_front(points)
        for number, (one, other) in points.items():
            beaten = any(a >= one and b >= other and (a, b) != (one, other) for a, b in points.values())
            assert (number in found) != beaten
        assert [points[number][0] for number in found] == sorted((points[number][0] for number in found), reverse=True)


SPACE = {
    "optimizer.learning_rate": FloatDistribution(1e-4, 1e-1, log=True),
    "training.batch_size": IntDistribution(16, 256, log=True),
    "optimizer.weight_decay": FloatDistribution(1e-6, 1e-2, log=True),
    "model.dropout": FloatDistribution(0, 0.5),
    "model.activation": CategoricalDistribution(("relu", "tanh", "gelu")),
}
RATE = "optimizer.learning_rate"


def params(rng):
    return {
        RATE: 10 ** rng.uniform(-4, -1),
        "training.batch_size": int(2 ** rng.uniform(4, 8)),
        "optimizer.weight_decay": 10 ** rng.uniform(-6, -2),
        "model.dropout": rng.uniform(0, 0.5),
        "model.activation": str(rng.choice(["relu", "tanh", "gelu"])),
    }


def score(values, rng):
    """The rate decides, with its best at 10^-2.5; the activation adds a little; the rest does nothing."""
    return 1 - 0.1 * (math.log10(values[RATE]) + 2.5) ** 2 + 0.01 * rng.normal()


def searched(n, seed=0):
    rng = np.random.default_rng(seed)
    return [(values, score(values, rng)) for values in (params(rng) for _ in range(n))]


@pytest.mark.parametrize("higher", [True, False])
@pytest.mark.parametrize("n", [24, 100])
def test_what_decides_comes_first(n, higher):
    trials = [(values, one if higher else 1 - one) for values, one in searched(n)]
    found = measure_importance(trials, SPACE, higher)
    assert next(iter(found)) == RATE and found[RATE].estimate > 0.5 and found[RATE].n == n
    assert set(found) == set(SPACE)
    assert list(found.values()) == sorted(found.values(), key=lambda one: -one.estimate)
    assert sum(one.estimate for one in found.values()) == pytest.approx(1)
    assert all(0 <= one.low <= one.estimate <= one.high <= 1 for one in found.values())


def test_more_trials_are_surer():
    few, many = ([measure_importance(searched(n, seed), SPACE)[RATE] for seed in range(3)] for n in (12, 60))
    widths = [np.mean([one.high - one.low for one in group]) for group in (few, many)]
    assert widths[1] < widths[0] / 1.5


def test_where_nothing_matters_no_setting_stands_out():
    """Shares must sum to 1 even then; the intervals say that they mean nothing."""
    rng = np.random.default_rng(1)
    found = measure_importance([(values, rng.normal()) for values, _ in searched(30)], SPACE)
    intervals = list(found.values())
    assert intervals[0].low < intervals[1].high and intervals[0].low < intervals[2].high
    assert max(one.low for one in intervals) < 0.3


@pytest.mark.parametrize("turn", [1, -1])
def test_a_diverged_trial_ranks_last_and_does_not_outweigh_the_rest(turn):
    trials = [(values, turn * one) for values, one in searched(30)]

    def with_fourth(score):
        return measure_importance([*trials[:3], (trials[3][0], score), *trials[4:]], SPACE, higher=turn == 1)

    worst = turn * min(turn * one for _, one in trials)
    assert with_fourth(math.nan) == with_fourth(worst) == with_fourth(worst - turn * 1e6)


def test_a_setting_that_is_not_always_there_is_weighed_where_it_is():
    """Momentum decides among the trials that have it; half of them have none."""
    rng, trials = np.random.default_rng(2), []
    for number in range(60):
        values = {"model.dropout": rng.uniform(0, 0.5), "optimizer.name": ["adam", "momentum"][number % 2]}
        momentum = rng.uniform(0, 1)
        if number % 2:
            values["optimizer.momentum"] = momentum
        trials.append((values, momentum if number % 2 else rng.uniform(0, 0.5)))
    space = {
        "model.dropout": SPACE["model.dropout"],
        "optimizer.momentum": FloatDistribution(0, 1),
        "optimizer.name": CategoricalDistribution(("adam", "momentum")),
    }
    found = measure_importance(trials, space)
    assert list(found) == ["optimizer.momentum", "optimizer.name", "model.dropout"]
    assert found["optimizer.momentum"].low > found["model.dropout"].estimate


def test_a_setting_that_no_trial_had_is_left_out_and_another_one_s_is_passed_over():
    space = {**SPACE, "optimizer.momentum": FloatDistribution(0, 1)}
    trials = [({**values, "elsewhere": 3}, one) for values, one in searched(12)]
    assert measure_importance(trials, space) == measure_importance(searched(12), SPACE)


@pytest.mark.parametrize(
    "trials",
    [
        searched(9),
        [(values, 0.5) for values, _ in searched(12)],
        [(values, math.nan) for values, _ in searched(12)],
        [],
    ],
    ids=["nine", "all alike", "all diverged", "none"],
)
def test_too_little_says_nothing(trials):
    assert measure_importance(trials, SPACE) == {}


def test_ten_trials_say_something_and_equal_ones_the_same():
    assert measure_importance(searched(10), SPACE) == measure_importance(searched(10), SPACE) != {}
    assert measure_importance(searched(10), SPACE, seed=1) != measure_importance(searched(10), SPACE)


def test_a_hundred_trials_take_a_moment():
    trials = searched(100)
    begun = time.process_time()
    measure_importance(trials, SPACE)
    assert time.process_time() - begun < 2


def test_nothing_is_said_on_the_way(capfd):
    measure_importance(searched(24), SPACE)
    assert capfd.readouterr() == ("", "")


def test_nothing_is_imported_for_trials_too_few_to_measure(monkeypatch):
    begun = []
    monkeypatch.setattr(room.threading, "Thread", lambda **asked: begun.append(asked["args"]) or Idle())
    for trials in (None, room.FEWEST, room.FEWEST - 1):
        room.import_in_background(trials)
    assert begun == [("optuna.importance",)] * 2


class Idle:
    """A thread that does nothing."""

    def start(self):
        pass
