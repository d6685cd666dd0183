"""Two objectives, and the importance of settings."""

from luthier.report.tune_charts import draw_front, list_importance
from luthier.report.tune_data import TuneData


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
