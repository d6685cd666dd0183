"""What is known of a trial, and when."""

import json

from luthier.study.tune.trial import Outcome, Trial, TrialJob, orient_score


def outcome(*epochs, ended="paused"):
    return Outcome({epoch: epoch / 10 for epoch in epochs}, ended, 1.5, 700, 2, {"parameters": 9.0}, "why")


def test_an_outcome_comes_back_from_json():
    one = outcome(1, 2, 10, ended="diverged")
    assert Outcome.of(json.loads(json.dumps(one.dump()))) == one


def test_what_was_seen_before_a_job_are_results_of_earlier_ones():
    trial = Trial(3, {}, "tpe", 0, [TrialJob(3, 3, 1), TrialJob(7, 3, 3), TrialJob(12, 3, 9)])
    assert trial.last is None and trial.outcome_before(99) is None and trial.target == 9
    trial.outcomes = {7: outcome(1, 2, 3), 3: outcome(1)}
    assert [trial.outcome_before(before) for before in (3, 4, 7, 8, 99)] == [
        None, outcome(1), outcome(1), outcome(1, 2, 3), outcome(1, 2, 3)
    ]  # fmt: skip
    assert trial.last == outcome(1, 2, 3)
    assert Trial(4, {}, "tpe", 0).target == 0


def test_of_a_loss_less_is_more():
    assert (orient_score(0.5, "accuracy"), orient_score(0.5, "loss"), orient_score(-2.0, "rmse")) == (0.5, -0.5, 2.0)
