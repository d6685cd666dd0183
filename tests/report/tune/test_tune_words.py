"""What the page of a search says: pairs and race, budget, trials, and what came of it in a sentence."""

import tomllib

import pytest

from luthier.report.tune_data import TuneData
from luthier.report.tune_words import (
    compare_pairs,
    count_epochs,
    count_states,
    list_changes,
    list_plan,
    read_best_recipe,
    split_epochs,
    tabulate_race,
    tabulate_trials,
    write_final_result,
    write_verdict,
)


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


def test_states_and_phases_have_their_shares(make):
    study = make()
    tuning = TuneData(study.root, study.ledger)
    assert {one["name"]: one["n"] for one in count_states(tuning)} == {
        "finished": 16, "stopped": 5, "diverged": 2, "failed": 1
    }  # fmt: skip
    assert sum(one["share"] for one in count_states(tuning)) == 1
    assert [one["n"] for one in split_epochs(tuning)] == [130, 135, 108, 9]
    assert count_epochs(tuning) == 16 * 9 + 5 * 3 + 3
    assert {"asked for": "24 trials", "trained on": "190,000 examples, 2,289 examples/s"}.items() <= dict(
        list_plan(tuning)
    ).items()


def test_a_search_that_time_ended_counts_what_it_took(make):
    study = make()
    study.ledger |= {"trials": None, "minutes": 2.5}
    study.ledger["budget"]["search_epochs"] = None
    tuning = TuneData(study.root, study.ledger)
    assert (
        split_epochs(tuning)[0]["n"] == count_epochs(tuning) and dict(list_plan(tuning))["asked for"] == "2.5 minutes"
    )


def test_a_plan_alone_has_no_shares_yet(make):
    study = make(trials=0, finished=False)
    for name in ("budget", "trial_list"):
        del study.ledger[name]
    tuning = TuneData(study.root, study.ledger)
    assert count_states(tuning) == [] and split_epochs(tuning) == []


def test_every_trial_has_its_row(make):
    study = make()
    found = tabulate_trials(TuneData(study.root, study.ledger))
    assert found["headings"] == ["learning_rate", "batch_size", "activation", "momentum"]
    row, one = found["rows"][4], study.ledger["trial_list"][4]
    rate = one["params"]["optimizer.learning_rate"]
    assert row["values"][0] == f"{rate:.4g}" and row["values"][3] == "-"  # there for odd trials alone
    assert (row["number"], row["how"], row["score"]) == (4, "quasi-random", f"{one['score']:.2%}")
    assert (row["epochs"], row["state"], row["time"], row["why"]) == (9, "finished", "13.5 s", "")
    assert "not finite" in found["rows"][5]["why"] and found["rows"][5]["score"] == "none"
    assert [row["number"] for row in found["rows"] if row["best"]] == [study.ledger["best"]["trial"]]


def test_changes_are_those_of_the_settings_and_not_of_the_seed(make):
    study = make()
    best = study.ledger["best"]["recipe"]
    best["tricks"] = {"mixup": {"alpha": 0.25}}
    best["training"] = {**best["training"], "batch_size": 17}
    found = list_changes(TuneData(study.root, study.ledger), study.recipe)
    rate = f"{best['optimizer']['learning_rate']:.4g}"
    assert [(one["path"], one["default"], one["found"]) for one in found] == [
        ("training.batch_size", "64", "17"),
        ("optimizer.learning_rate", "0.004", rate),
        ("tricks.mixup.alpha", "-", "0.25"),
    ]


def test_the_file_of_the_recipe_is_shown_where_it_is_there(make):
    study = make()
    assert read_best_recipe(TuneData(study.root, study.ledger)) == []
    lines = read_best_recipe(TuneData(study.sealed(), study.ledger))
    assert tomllib.loads("\n".join(lines)) == study.ledger["best"]["recipe"]


def test_before_the_end_there_is_no_best(make):
    study = make(finished=False)
    tuning = TuneData(study.root, study.ledger)
    assert list_changes(tuning, study.recipe) == [] and read_best_recipe(tuning) == []


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
