"""The table of trials, and what the recipe that was found changes."""

import tomllib

from luthier.report.tune_data import TuneData
from luthier.report.tune_words import list_changes, read_best_recipe, tabulate_trials


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
