"""Slices: where a trial lies along each setting, and what is said where the range ended too early."""

import pytest

from luthier.report.tune_charts import draw_slices
from luthier.report.tune_data import TuneData


@pytest.fixture
def found(make):
    study = make()
    return study.ledger, {one["chart"].title: one for one in draw_slices(TuneData(study.root, study.ledger))}


def test_each_setting_has_a_chart_of_all_trials_that_have_it(found):
    ledger, charts = found
    for path, one in charts.items():
        values = [trial["params"][path] for trial in ledger["trial_list"] if path in trial["params"]]
        drawn = [x for spots in one["chart"].given for x, _ in spots.points]
        assert len(drawn) == len(values)
        if path != "model.activation":
            assert sorted(drawn) == sorted(map(float, values))
    assert len(charts) == 4 and len(ledger["trial_list"]) == 24


def test_an_end_that_was_hit_is_marked_and_told(found):
    charts = found[1]
    rate = charts["optimizer.learning_rate"]
    assert (rate["chart"].edges, rate["chart"].hits, rate["chart"].log_across) == ((0.0001, 0.1), ["high"], True)
    assert rate["told"] == [
        "The best trial has 0.0973, at the high end of the range 0.0001 to 0.1: "
        "a better value may lie beyond it; widen it."
    ]
    assert charts["training.batch_size"]["told"] == [] and charts["training.batch_size"]["chart"].hits == []


def test_trials_of_one_choice_lie_beside_one_another_in_its_room(found):
    ledger, charts = found
    chart = charts["model.activation"]["chart"]
    choices = ledger["space"][2]["choices"]
    drawn = {label: x for spots in chart.given for (x, _), label in zip(spots.points, spots.labels, strict=True)}
    assert chart.names == choices and len(set(drawn.values())) == 24
    for label, x in drawn.items():
        assert label.endswith(f", activation {choices[round(x)]}") and abs(x - round(x)) <= 0.25


def test_what_a_chart_cannot_hold_is_left_out(make):
    study = make(trials=3)
    study.ledger["trial_list"][1]["params"] |= {"model.activation": "gone", "optimizer.learning_rate": 0}
    for one in draw_slices(TuneData(study.root, study.ledger))[:3:2]:
        assert sum(len(spots.points) for spots in one["chart"].given) == 2
