"""A tuning study's trials on a chart: which marks, how high, what they are called."""

from pathlib import Path

import pytest

from luthier.report.tune_data import TuneData, make_steps


def trial(number, score, state="finished", how="tpe"):
    return {"number": number, "score": score, "state": state, "how": how}


def tuning(trials, metric="accuracy", higher=True, paths=()):
    space = [{"path": path} for path in paths]
    return TuneData(Path("s"), {"metric": metric, "higher": higher, "trial_list": trials, "space": space})


def test_a_score_far_below_the_median_does_not_flatten_the_others():
    scores = [0.9, 0.92, 0.94, 0.5]
    made = tuning([trial(k, score) for k, score in enumerate(scores)])
    assert made.worst == pytest.approx(0.91 - 3 * (0.94 - 0.91))
    low = made.place_trial(made.trials[3])
    assert (low.y, low.shape, low.name) == (made.worst, "diamond", "finished, worse than is drawn")


def test_trials_that_were_stopped_early_do_not_set_the_axis():
    made = tuning([trial(0, 0.9), trial(1, 0.92), trial(2, 0.1, "stopped"), trial(3, 0.2, "stopped")])
    assert (
        made.worst == pytest.approx(0.91 - 3 * 0.01)
        and made.place_trial(made.trials[3]).name == "stopped, worse than is drawn"
    )
    assert tuning([trial(0, 0.1, "stopped"), trial(1, 0.2, "stopped")]).worst == 0.1


def test_a_lower_loss_is_a_better_one():
    made = tuning([trial(k, score) for k, score in enumerate([0.3, 0.2, 0.4, 9.0])], "loss", higher=False)
    assert made.worst == pytest.approx(0.35 + 3 * 0.15) and made.place_trial(made.trials[3]).shape == "diamond"
    assert (
        made.better(0.2, 0.3)
        and made.write_score(0.2) == "0.2"
        and made.write_difference(-0.125) == "-0.125"
        and made.unit == ""
    )


def test_scores_that_are_all_near_are_drawn_to_the_worst():
    assert tuning([trial(0, 0.9), trial(1, 0.8)]).worst == 0.8
    assert tuning([trial(0, 0.9), trial(1, 0.9), trial(2, 0.1)]).worst == 0.1


def test_marks_tell_how_a_trial_ended():
    trials = [
        trial(0, 0.9, how="default"),
        trial(1, 0.8, how="quasi-random"),
        trial(2, 0.85, "stopped"),
        trial(3, 0.95, "diverged"),
        trial(4, None, "failed"),
    ]
    places = [(one.name, one.shape, one.y) for one in map(tuning(trials).place_trial, trials)]
    assert places == [
        ("default", "dot", 0.9),
        ("quasi-random", "dot", 0.8),
        ("tpe, stopped", "ring", 0.85),
        ("diverged", "cross", 0.8),
        ("failed", "cross", 0.8),
    ]


def test_spots_of_one_mark_go_together_and_those_without_a_place_are_left_out():
    trials = [trial(0, 0.9), trial(1, 0.8), trial(2, 0.75, "stopped"), trial(3, 0.85)]
    finished, stopped = tuning(trials).make_spots(lambda one: None if one["number"] == 1 else 10, lambda one: "!")
    assert finished.points == [(10, 0.9), (10, 0.85)]
    assert finished.labels == ["trial 0, 90.00%!", "trial 3, 85.00%!"]
    assert (stopped.shape, stopped.points) == ("ring", [(10, 0.75)])


def test_before_the_first_score_nothing_has_a_place():
    made = tuning([trial(0, None, "failed")])
    assert made.worst is None and made.place_trial(made.trials[0]) is None and made.make_spots(len, str) == []


def test_short_names_are_told_apart():
    made = tuning([], paths=["optimizer.rate", "tricks.a.weight", "tricks.b.weight", "strength"])
    assert list(made.names.values()) == ["rate", "a.weight", "b.weight", "strength"]
    assert list(tuning([], paths=["rate", "optimizer.rate"]).names.values()) == ["rate", "optimizer.rate"]


def test_steps_hold_until_the_next():
    assert make_steps([]) == [] and make_steps([(1, 2)]) == [(1, 2)]
    assert make_steps([(0, 1), (2, 3), (5, 4)]) == [(0, 1), (2, 1), (2, 3), (5, 3), (5, 4)]
