"""luthier report: the page of a run or a study, and that training leaves one."""

import webbrowser
from pathlib import Path

from luthier.fsck import fsck


def test_a_training_leaves_its_page(luthier, run):
    text = (run / "report.html").read_text()
    assert "Learning curves" in text and "read once on this machine" in text and fsck(run) == []


def test_it_writes_the_page_anew_and_says_where(luthier, run):
    (run / "report.html").unlink()
    assert luthier("report", "run").out == "report: run/report.html\n"
    assert luthier("report", "run", "--json").json == {"report": "run/report.html"}
    assert "read once on this machine" in (run / "report.html").read_text()


def test_a_study_has_a_page_too(luthier):
    luthier("train", "rows.npz", "--epochs", 1, "--seeds", 2, "--out", "study", "--quiet")
    assert "Test result of every run" in Path("study/report.html").read_text() and fsck(Path("study")) == []
    assert luthier("report", "study", "--json").json == {"report": "study/report.html"}


def test_open_shows_it(luthier, run, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    assert luthier("report", "run", "--open").status == 0
    assert opened == [(run / "report.html").resolve().as_uri()]


def test_what_is_neither_is_refused(luthier, here):
    (here / "empty").mkdir()
    (problem,) = luthier("report", "empty").problems
    assert problem.startswith("a run is a directory with a recipe.toml, but empty has none; ")


def test_a_page_of_fewer_epochs_does_not_outlive_them(luthier, run):
    before = (run / "report.html").read_text()
    assert luthier("resume", "run", "--epochs", 3, "--quiet").out.endswith("report: run/report.html\nrun: run\n")
    assert "3, 9 steps" in (run / "report.html").read_text() != before
