"""The race and the fresh pairs, as tables and charts."""

import pytest

from luthier.report.tune_data import TuneData
from luthier.report.tune_words import compare_pairs, tabulate_race


@pytest.fixture
def study(make):
    return make()


def test_each_seed_has_its_pair(study):
    found = compare_pairs(TuneData(study.root, study.ledger))
    assert found["rows"][2] == {"seed": 203, "default": "92.80%", "best": "93.90%", "difference": "+1.10"}
    assert found["difference"] == "+1.50 (95% interval +0.90 to +2.10)" and found["delta"] == "0.10"
    scores, gaps = found["charts"]
    joined = [one.points for one in scores.given if one.name.startswith("seed")]
    assert joined[2] == [(0, 0.928), (1, 0.939)] and len(joined) == 6
    mean, zero, loss, dots = gaps.given
    assert mean.points == [(0, 1.5), (5, 1.5)] and mean.band[1] == pytest.approx((0.9, 2.1))
    assert zero.points == [(0, 0.0), (5, 0.0)] and [y for _, y in loss.points] == pytest.approx([-0.1, -0.1])
    assert [y for _, y in dots.points] == pytest.approx([1.8, 1.5, 1.1, 0.9, 2.3, 1.2])
    assert gaps.names == ["1", "2", "3", "4", "5", "6"] and dots.labels[2] == "+1.10, seed 203"


def test_a_larger_loss_is_the_loss_that_counts(study):
    study.ledger |= {"metric": "loss", "higher": False}
    found = compare_pairs(TuneData(study.root, study.ledger))
    assert found["charts"][1].given[2].points[0] == (0, 0.001) and found["rows"][0]["difference"] == "+0.018"


def test_a_run_without_a_score_is_said_and_not_drawn(study):
    study.ledger["fresh"]["best"]["scores"][1] = None
    found = compare_pairs(TuneData(study.root, study.ledger))
    assert found["rows"][1] == {"seed": 202, "default": "93.60%", "best": "none", "difference": "none"}
    assert len(found["charts"][1].names) == 5 and len(found["charts"][0].lines) == 5 + 2


def test_where_nothing_was_compared_there_is_no_table(study):
    study.ledger["fresh"] |= {"difference": None, "interval": None, "default": None, "best": None}
    study.ledger["race"] = None
    tuning = TuneData(study.root, study.ledger)
    assert compare_pairs(tuning) is None and tabulate_race(tuning) is None


def test_the_race_stands_beside_the_search(study):
    found = tabulate_race(TuneData(study.root, study.ledger))
    first = found["rows"][0]
    assert found["seeds"] == [101, 102, 103] and [row["won"] for row in found["rows"]] == [True] + [False] * 4
    score = study.ledger["best"]["search_score"]
    assert first["searched"] == f"{score:.2%}" and first["scores"][2] == f"{score - 0.02:.2%}"
