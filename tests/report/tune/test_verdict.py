"""The sentence at the top."""

import pytest

from luthier.report.tune_data import TuneData
from luthier.report.tune_words import write_final_result, write_verdict


@pytest.fixture
def study(make):
    return make()


def test_it_tells_the_fresh_difference_what_is_shipped_and_that_the_search_flatters(study):
    best = study.ledger["best"]
    assert write_verdict(TuneData(study.root, study.ledger)) == (
        "On fresh seeds the recipe that was found differs from the default by +1.50 percentage points of validation "
        "accuracy (95% interval +0.90 to +2.10, n = 6 pairs): better; shipped is the recipe that was found "
        f"(trial {best['trial']} scored {best['search_score']:.2%} in the search, which is optimistic)."
    )


def test_it_tells_how_many_pairs_are_wanting(study):
    study.ledger["fresh"] |= {"verdict": "not resolved", "further_pairs": 5}
    study.ledger["shipped"] = "default"
    said = write_verdict(TuneData(study.root, study.ledger))
    assert "pairs): not resolved, about 5 more pairs would tell; shipped is the default recipe (trial" in said


def test_it_tells_why_nothing_was_compared(study):
    study.ledger["fresh"] |= {"difference": None, "verdict": "the default won the race."}
    study.ledger["best"] |= {"trial": 0, "search_score": 0.955, "optimistic": False}
    study.ledger["shipped"] = "default"
    assert write_verdict(TuneData(study.root, study.ledger)) == (
        "The default won the race; shipped is the default recipe (trial 0 scored 95.50% in the search)."
    )


def test_an_unfinished_study_tells_how_to_go_on(make):
    root, ledger = make(trials=7, finished=False).root / "it's", make(trials=7, finished=False).ledger
    command = f"""luthier tune --resume '{root.parent}/it'"'"'s'"""
    assert write_verdict(TuneData(root, ledger)) == f"The study is not finished after 7 trials; go on with: {command}"
    del ledger["trial_list"]
    assert write_verdict(TuneData(root, ledger)) == f"The study is not finished; go on with: {command}"


def test_the_test_result_has_its_interval(study):
    words = "The shipped recipe was then trained once: test accuracy 94.40% (95% interval 91.50% to 96.40%), n = 360."
    assert write_final_result(TuneData(study.root, study.ledger)) == words
    del study.ledger["test"]
    assert write_final_result(TuneData(study.root, study.ledger)) == ""
