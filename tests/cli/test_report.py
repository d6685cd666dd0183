"""luthier report: the page of a run or a study, and that training leaves one."""

import html
import webbrowser
from pathlib import Path

import pytest

from luthier.report import report
from luthier.study.verify import fsck


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


@pytest.mark.parametrize("failure", [RuntimeError("no room"), OSError(28, "No space left"), KeyboardInterrupt()])
def test_a_failing_page_hides_no_result(luthier, here, monkeypatch, failure):
    def fail(*_, **__):
        raise failure

    monkeypatch.setattr(report, "report", fail)
    done = luthier("train", "rows.npz", "--epochs", 1, "--out", "a run", "--quiet")
    assert done.status == 0 and done.out.splitlines()[-1] == "run: a run" and "\ntest " in done.out
    (warning,) = done.err.splitlines()
    assert warning.startswith(f"luthier: warning: the page could not be written ({type(failure).__name__}")
    assert warning.endswith("; the result is kept; write it with: luthier report 'a run'")
    again = luthier("train", "rows.npz", "--epochs", 1, "--seeds", 2, "--out", "study", "--quiet", "--json")
    assert again.json["report"] is None and again.json["test"]["n"] == 2


def test_the_result_is_told_before_the_page_is_made(luthier, here, monkeypatch, capsys):
    told = []
    monkeypatch.setattr(report, "report", lambda path, **_: told.append(capsys.readouterr().out) or path)
    assert luthier("train", "rows.npz", "--epochs", 1, "--out", "run", "--quiet").status == 0
    assert "test        accuracy" in told[0]


def test_data_are_for_the_page_of_a_run(luthier):
    luthier("train", "rows.npz", "--epochs", 1, "--seeds", 2, "--out", "study", "--quiet")
    (problem,) = luthier("report", "study", "--data", "rows.npz").problems
    assert problem == "data go with the page of a run, but study is a study; leave them out, or name its runs"


def test_a_run_that_was_moved_away_from_its_data_has_its_page(luthier, run, here):
    """All that its own files tell is there, and what is missing is said with the way to mend it."""
    (here / "elsewhere").mkdir()
    run.rename("elsewhere/moved run")
    (here / "rows.npz").rename("elsewhere/data.npz")
    done = luthier("report", "elsewhere/moved run")
    assert done.out == "report: elsewhere/moved run/report.html\n" and done.status == 0
    page = Path("elsewhere/moved run/report.html")
    text = html.unescape(page.read_text())
    for told in ("Learning curves", "Class by class", "Calibration", "Health of the layers", "How to repeat it"):
        assert told in text
    assert "luthier train --recipe 'elsewhere/moved run/recipe.toml'" in text
    assert "say where they lie now with: luthier report 'elsewhere/moved run' --data DATA" in text
    assert luthier("report", "elsewhere/moved run", "--data", "elsewhere/data.npz").status == 0
    assert "could not be had" not in page.read_text() and "53: " in page.read_text()
