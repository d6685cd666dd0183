"""The pages of runs and studies: what they say, and what they say where something is missing."""

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

import luthier
from luthier.core.errors import BadInput, DamagedFile
from luthier.core.files import read_sealed, write_sealed
from luthier.report.report import report
from luthier.run import Run
from luthier.study.study import KINDS
from luthier.testing.material import values

FIT = {"batch_size": 16, "quiet": True}
SMALL = {"model": "softmax-regression", "epochs": 1, "quiet": True}


class Page(HTMLParser):
    """The headings, the tags, and all text of a page."""

    def __init__(self, text):
        super().__init__()
        self.text, self.tags, self.headings, self.said = text, [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)

    def handle_data(self, data):
        self.said += data
        if self.tags and self.tags[-1] == "h2" and data.strip():
            self.headings.append(data)


def read(path):
    return Page(path.read_text(encoding="utf-8"))


@pytest.fixture
def rows(tmp_path):
    """A run on rows of a file, in 2 epochs."""
    rng = np.random.default_rng(0)
    y = np.arange(90) % 3
    np.savez(tmp_path / "rows.npz", X=rng.normal(size=(90, 5)) + y[:, None], y=y)
    luthier.train(str(tmp_path / "rows.npz"), epochs=2, out=tmp_path / "run", **FIT)
    return tmp_path / "run"


def test_a_run_on_rows_has_all_but_pictures(rows):
    page, result = read(report(rows)), Run(rows).result
    assert page.headings == [
        "What was trained on what",
        "Learning curves",
        "Result",
        "Class by class, on the test part",
        "Calibration, on the test part",
        *(["Most confident mistakes"] if result["test"]["accuracy"] < 1 else []),
        "Least certain cases",
        "Health of the layers",
        "Time and memory",
        "How to repeat it",
    ]
    low, high = result["test"]["interval"]
    words = f"Test accuracy {result['test']['accuracy']:.2%} (95% interval {low:.2%} to {high:.2%}), n = 18."
    assert f"{words} The test part had been read once on this machine when the run ended." in page.said
    assert f"luthier train --recipe {rows}/recipe.toml --out {rows}-again" in page.said
    assert result["fingerprint"] in page.said and result["recipe_hash"] in page.said and "img" not in page.tags


def test_a_page_reads_the_test_part_no_more(rows):
    report(rows)
    assert luthier.api.evaluate(rows)["test_reads"] == 2


def test_data_that_are_gone_are_said_and_all_else_is_shown(rows):
    (rows.parent / "rows.npz").unlink()
    page = read(report(rows))
    assert "The data could not be had, and so their numbers and pictures are missing: " in page.said
    assert (
        "Learning curves" in page.headings
        and "Result" in page.headings
        and page.tags.count("polyline") == 6 + 2 + 4 * 3
    )
    assert "Class by class, on the test part" in page.headings and "Least certain cases" in page.headings


def test_data_that_moved_can_be_named_and_others_are_refused(rows):
    moved = shutil.move(rows.parent / "rows.npz", rows.parent / "moved.npz")
    assert "could not be had" in read(report(rows)).said
    assert "could not be had" not in read(report(rows, data=str(moved))).said
    with pytest.raises(BadInput, match="the data must be those of the run, but digits holds others"):
        report(rows, data="digits")


def test_data_that_changed_are_said(rows):
    arrays = dict(np.load(rows.parent / "rows.npz"))
    np.savez(rows.parent / "rows.npz", X=arrays["X"] + 1, y=arrays["y"])
    assert "the data must be those of the run, but rows holds others" in read(report(rows)).said


def test_answers_and_a_network_that_are_gone_are_said(rows):
    for name in ("predictions.safetensors", "model.safetensors"):
        (rows / name).unlink()
    page = read(report(rows))
    assert page.said.count("could not be had") == 2 and "Class by class, on the test part" not in page.headings


def test_a_run_that_is_not_finished_shows_its_curves(rows):
    for name in ("result.json", "model.safetensors"):
        (rows / name).unlink()
    with (rows / "history.jsonl").open("a") as file:
        file.write('{"kind": "tra')  # torn
    page = read(report(rows))
    assert f"The run is not finished; go on with: luthier resume {rows}" in page.said
    assert "Learning curves" in page.headings and "Result" not in page.headings


def test_values_are_shown_with_their_largest_errors(tmp_path):
    made = values(outputs=2)
    run = luthier.train((made.inputs, made.labels), epochs=2, out=tmp_path / "run", **FIT)
    page = read(report(run.path, data=(made.inputs, made.labels)))
    assert {"Answers, on the test part", "Largest errors"} <= set(page.headings)
    assert "Class by class, on the test part" not in page.headings and "Answers by true value 1" in page.said
    assert re.search(r"Test r2 -?\d", page.said)


def test_a_study_has_every_run_and_the_mean(tmp_path):
    study = luthier.api.train_seeds(
        "digits", "softmax-regression", seeds=3, epochs=1, out=tmp_path / "study", quiet=True
    )
    page = read(report(tmp_path / "study"))
    low, high = study["test"]["interval"]
    words = f"{study['test']['mean']:.2%} (95% interval {low:.2%} to {high:.2%})"
    assert f"Mean test accuracy of 3 seeds: {words}." in page.said
    assert page.tags.count("polyline") == 3 * 3 and all(f"seed-{k}" in page.said for k in range(3))
    shutil.rmtree(tmp_path / "study" / "seed-2")
    assert "seed-2" not in read(report(tmp_path / "study")).said


def test_a_learning_curve_has_a_band_over_numbers_of_examples(tmp_path):
    found = luthier.api.train_curve(
        "digits", "softmax-regression", sizes=[50, 100], seeds=2, epochs=1, out=tmp_path / "study", quiet=True
    )
    page = read(report(tmp_path / "study"))
    assert page.tags.count("polygon") == 1 and "with 100 training examples" in page.said
    assert f"{found['points'][0]['mean']:.2%}" in page.said


def test_neither_a_run_nor_a_study_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"a run is a directory with a recipe\.toml"):
        report(tmp_path)


def test_the_page_of_a_run_is_written_without_optuna_which_takes_long_to_import():
    code = "import luthier.report.report, sys; assert not {'optuna', 'sqlite3'} & sys.modules.keys()"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


STUDIES = {
    "seeds": lambda out: luthier.api.train_seeds("digits", seeds=2, out=out, **SMALL),
    "folds": lambda out: luthier.api.train_folds("digits", folds=2, out=out, **SMALL),
    "learning-curve": lambda out: luthier.api.train_curve("digits", sizes=[50, 100], seeds=2, out=out, **SMALL),
    "pseudo-labels": lambda out: luthier.api.train_pseudo_labels(
        "digits", rounds=1, unlabelled="digits", split={"examples": 100}, out=out, **SMALL
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_study_has_its_page(tmp_path, kind):
    STUDIES[kind](tmp_path / "study")
    page = read(report(tmp_path / "study"))
    assert f"runs over {KINDS[kind].over}" in page.said and "Test result of every run" in page.headings
    ledger = read_sealed(tmp_path / "study" / "study.json")
    write_sealed(tmp_path / "study" / "study.json", {name: ledger[name] for name in ledger if name != "runs"})
    assert "runs are finished; go on with: luthier resume" in read(report(tmp_path / "study")).said


def test_rounds_of_pseudo_labels_stand_beside_the_first_one(tmp_path):
    study = STUDIES["pseudo-labels"](tmp_path / "study")
    page = read(report(tmp_path / "study"))
    first, last = (f"{one['mean']:.2%}" for one in study["by_round"])
    assert (
        f"Test accuracy after the last of the rounds of pseudo-labels: {last}, beside {first} without any." in page.said
    )
    assert "By round of pseudo-labels" in page.headings and "Test accuracy by round" in page.said


ALTERED = [
    {"test": 5},
    {"test": {"mean": "x", "interval": None, "n": 2}},
    {"runs": 3},
    {"metric": []},
    {"seeds": [0, 1.5]},
    {"seeds": "01"},
    {"kind": ["seeds"]},
    {"kind": "tune"},
    {"recipe": {"seed": []}},
]


def test_a_study_whose_answer_was_altered_has_no_page_and_says_so(tmp_path):
    STUDIES["seeds"](tmp_path / "study")
    path = tmp_path / "study" / "study.json"
    ledger = read_sealed(path)
    for wrong in ALTERED:
        write_sealed(path, {**ledger, **wrong})
        with pytest.raises((DamagedFile, BadInput)) as caught:
            report(tmp_path / "study")
        assert len(str(caught.value).splitlines()) == 1, wrong
