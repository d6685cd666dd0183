"""Planted wrong labels, as a study in folds and as a run sees them; the page; what is refused."""

import dataclasses

import numpy as np
import pytest

from luthier.api import train, train_folds, train_seeds
from luthier.core.errors import BadInput
from luthier.data.split import split
from luthier.report.mislabelled_page import write_page
from luthier.run import Run
from luthier.study.mislabelled import find_label_issues
from luthier.testing.material import pictures, rows, values

WRONG = np.arange(0, 211, 20)
QUICK = {"epochs": 10, "learning_rate": 0.01, "batch_size": 16, "quiet": True}


def planted():
    data = rows(211)
    labels = data.labels.copy()
    labels[WRONG] = (labels[WRONG] + 1) % 3
    return dataclasses.replace(data, labels=labels, names=np.array([f"row <{k}>" for k in range(211)], object))


def test_folds_find_planted_errors_by_networks_that_never_saw_them(tmp_path):
    study = train_folds(planted(), "mlp", folds=3, out=tmp_path / "study", **QUICK)
    found = find_label_issues(tmp_path / "study", data=planted())
    assert found.judged.tolist() == list(range(211)) and found.fresh.all()
    listed = [one["example"] for one in found.rows()]
    assert {*WRONG.tolist()} <= {*listed[:13]} and len(listed) < 20
    first = found.rows(1)[0]
    assert first["likelier"] == str(rows(211).labels[first["example"]]) != first["label"]
    for path in study["runs"]:
        run = Run(path)
        test = split(planted(), run.recipe.seed, run.recipe.split).test
        np.testing.assert_allclose(found.probabilities[test], run.predict_proba(planted().inputs[test]), rtol=1e-5)


def test_several_deals_are_averaged(tmp_path):
    study = train_folds(planted(), "mlp", folds=2, repeats=2, out=tmp_path / "study", **{**QUICK, "epochs": 1})
    found = find_label_issues(tmp_path / "study", data=planted())
    answers = []
    for path in study["runs"]:
        run = Run(path)
        if 7 in split(planted(), run.recipe.seed, run.recipe.split).test:
            answers.append(run.predict_proba(planted().inputs[7:8])[0])
    assert len(answers) == 2
    np.testing.assert_allclose(found.probabilities[7], np.mean(answers, 0), rtol=1e-5)


def test_a_run_judges_all_but_its_test_part_and_says_what_it_had_seen(tmp_path):
    run = train(planted(), "mlp", out=tmp_path / "run", **QUICK)
    found, parts = find_label_issues(run.path, data=planted()), split(planted(), 0)
    assert found.judged.tolist() == sorted([*parts.train, *parts.validation])
    assert found.judged[found.fresh].tolist() == parts.validation.tolist()


def test_the_page_shows_pictures_and_takes_names_for_text(tmp_path):
    data = dataclasses.replace(pictures(61), names=np.array([f"<b>{k}" for k in range(61)], object))
    train_folds(data, "lenet5", folds=2, out=tmp_path / "study", epochs=1, quiet=True, recipe={"data": {"size": 14}})
    found = find_label_issues(tmp_path / "study", data=data)
    shown = write_page(data, "some <words>", found.rows(3))
    assert shown.count("data:image/png;base64,") == len(found.rows(3)) > 0
    assert "<b>" not in shown and "&lt;b&gt;" in shown and "&lt;words&gt;" in shown


def test_what_cannot_judge_labels_is_refused(tmp_path):
    run = train(values(), "mlp", out=tmp_path / "values", epochs=1, quiet=True)
    with pytest.raises(BadInput, match="labels are those of classes, but values holds values"):
        find_label_issues(run.path, data=values())
    train_seeds(rows(), "mlp", seeds=2, out=tmp_path / "seeds", epochs=1, quiet=True)
    with pytest.raises(BadInput) as caught:
        find_label_issues(tmp_path / "seeds", data=rows())
    assert caught.value.problems == (
        f"labels are judged by a run or by a study in folds, but {tmp_path / 'seeds'} is a study of seeds; "
        "train one with --folds 5, or name one of its runs",
    )
    with pytest.raises(BadInput, match="the recipe was made for data with fingerprint"):
        find_label_issues(tmp_path / "seeds" / "seed-0", data=rows(54))
