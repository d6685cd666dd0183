"""Charts of a search: its history, slices, the Pareto front, importance, and the space itself."""

import json
import tomllib

import pytest

from luthier.report.tune_charts import (
    draw_curves,
    draw_expected_best,
    draw_front,
    draw_history,
    draw_slices,
    list_importance,
    list_space,
    write_space_file,
)
from luthier.report.tune_data import TuneData


def test_the_best_so_far_is_that_of_finished_trials(make):
    study = make()
    study.ledger["trial_list"][2]["score"] = 0.99  # it was stopped
    chart = draw_history(TuneData(study.root, study.ledger))
    line = next(one for one in chart.given if one.name == "best so far")
    scores = [one["score"] if one["state"] == "finished" else 0 for one in study.ledger["trial_list"]]
    highest = {k: max(scores[: k + 1]) for k in range(24)}
    found = dict(line.points)  # of a step's two places the upper one comes last
    assert found and all(found[k] == highest[k] for k in found) and {0, 23} <= found.keys()
    assert set(found.values()) == set(highest.values())
    assert sum(len(one.points) for one in chart.given) - len(line.points) == 24


def test_a_curve_comes_from_the_trials_own_history_or_else_from_the_ledger(make):
    study = make(trials=4)
    folder = study.root / "trial-0001"
    folder.mkdir(parents=True)
    rows = [{"kind": "validation", "step": 5 * k, "epoch": k, "accuracy": 0.9 + k / 100} for k in (1, 2)]
    (folder / "history.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    lines = {one.name: one for one in draw_curves(TuneData(study.root, study.ledger))[0].given}
    assert dict(lines["trial 1, finished"].points) == {1.0: 0.91, 2.0: 0.92}
    told = {float(epoch): score for epoch, score in study.ledger["trial_list"][0]["scores"].items()}
    assert dict(lines["trial 0, finished"].points) == told


def test_a_second_chart_leaves_out_what_is_far_worse(make):
    study = make()
    for one in study.ledger["trial_list"][6:8]:
        one["scores"] = {"1": 0.1, "2": 0.2}
    tuning = TuneData(study.root, study.ledger)
    whole, near = draw_curves(tuning)
    assert len(whole.lines) - len(near.lines) == 2 and near.title.endswith(f", {tuning.worst:.2%} and better")
    assert {p for one in near.given for p in one.points} == {
        p for one in whole.given for p in one.points if p[1] >= tuning.worst
    }


def test_curves_that_lie_near_one_another_need_no_second_chart(make):
    study = make(trials=4)
    for one in study.ledger["trial_list"]:
        one |= {"scores": {"1": 0.9, "2": 0.95}, "score": 0.9}
    assert len(draw_curves(TuneData(study.root, study.ledger))) == 1


def test_the_best_and_the_default_lie_above_the_others(make):
    study = make()
    keys = [one.key for one in draw_curves(TuneData(study.root, study.ledger))[0].given]
    assert set(keys[-2:]) == {"best", "default"} and set(keys[:-2]) == {"finished", "stopped"}


def test_the_expected_best_is_drawn_as_it_was_found(make):
    study = make(trials=5)
    (line,) = draw_expected_best(TuneData(study.root, study.ledger)).given
    assert line.points == [(one["n"], one["mean"]) for one in study.ledger["expected_best"]]


def test_before_the_first_score_there_is_nothing_to_draw(make):
    study = make(trials=0, finished=False)
    tuning = TuneData(study.root, study.ledger)
    assert draw_history(tuning) is None and draw_curves(tuning) == [] and draw_expected_best(tuning) is None


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


def test_the_front_is_a_step_over_the_second_objective(make):
    study = make()
    study.ledger["front"] = [{"trial": 4, "values": [0.96, 9000]}, {"trial": 6, "values": [0.9, 2000]}]
    found = draw_front(TuneData(study.root, study.ledger))
    line, *spots = found["chart"].given
    assert line.points == [(2000, 0.9), (9000, 0.9), (9000, 0.96)] and sum(len(one.points) for one in spots) == 24
    assert found["rows"][0] == {"trial": 4, "values": ["96.00%", "9,000"]}
    assert found["names"] == ["accuracy", "parameters"] and found["chart"].log_across


def test_a_near_or_unknown_second_objective_is_drawn_straight(make):
    study = make(trials=3)
    for one, second in zip(study.ledger["trial_list"], ([5000], [6000], [None]), strict=True):
        one["values"] = second
    chart = draw_front(TuneData(study.root, study.ledger))["chart"]
    assert not chart.log_across and sum(len(one.points) for one in chart.given[1:]) == 2


def test_one_objective_has_no_front(make):
    study = make()
    study.ledger["front"] = None
    assert draw_front(TuneData(study.root, study.ledger)) is None


def test_the_most_important_setting_comes_first(make):
    study = make()
    study.ledger["importance"].reverse()
    found = list_importance(TuneData(study.root, study.ledger))
    assert found["rows"][0]["path"] == "optimizer.learning_rate" and found["few"] == 24
    study.ledger["importance"] = []
    assert list_importance(TuneData(study.root, study.ledger)) is None
    assert list_importance(TuneData((many := make(trials=50)).root, many.ledger))["few"] is None


def test_ranges_choices_and_conditions_are_told(make):
    study = make(trials=1)
    rows = list_space(TuneData(study.root, study.ledger))
    assert [one["range"] for one in rows[:2]] == ["0.0001 to 0.1, logarithmic", "16 to 128, logarithmic"]
    assert rows[2]["range"].startswith("relu, tanh, <script>") and rows[2]["only"] == ""
    assert rows[3] == {
        "path": "optimizer.momentum",
        "range": "0 to 0.99",
        "only": "optimizer.name is sgd or momentum",
        "says": "what is kept",
    }


def test_the_file_says_what_the_space_says(make):
    study = make(trials=1)
    member = {**study.ledger["space"][2], "path": "optimizer.name", "choices": ["sgd", "momentum"]}
    study.ledger["space"].insert(0, member)
    found = tomllib.loads("\n".join(write_space_file(TuneData(study.root, study.ledger))))
    assert found["optimizer"]["learning_rate"] == {"low": 0.0001, "high": 0.1, "log": True}
    assert found["optimizer"]["momentum"]["only"] == {"optimizer.name": ["sgd", "momentum"]}
    assert found["optimizer"]["name"] == {"choices": ["sgd", "momentum"], "log": False}
    assert list(found) == ["optimizer", "training", "model"] and list(found["optimizer"])[-1] == "name"


def test_a_setting_that_stands_for_several_is_in_no_file(make):
    study = make(trials=1)
    study.ledger["space"][0]["scales"] = {"augment.rotation.degrees": 20.0}
    assert write_space_file(TuneData(study.root, study.ledger)) == []
