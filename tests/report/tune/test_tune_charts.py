"""How a search went, as charts."""

import json

from luthier.report.tune_charts import draw_curves, draw_expected_best, draw_history
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
