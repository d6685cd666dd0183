"""What a study says of itself: trials that came to nothing count, and are named."""

import math

import pytest

from luthier.cli.output import confirmation_words
from luthier.stats import expected_best
from luthier.study.tune.confirmation import Confirmation
from luthier.study.tune.result import make_result
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
    assert confirmation_words("accuracy", fresh).endswith("; 1 of the runs diverged, each counts as the worst")
    sound = make_result(plan_of(), list(trials()), Confirmation((), [], 2, ([0.5, 0.5, 0.5], [0.75, 0.75, 0.875])))[
        "fresh"
    ]
    assert "diverged" not in confirmation_words("accuracy", sound)
