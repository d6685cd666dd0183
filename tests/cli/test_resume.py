"""luthier resume: a finished run, a longer one, an interrupted one, an empty one, a study."""

import os
import shutil
from pathlib import Path

import pytest

from luthier.core.errors import Interrupted
from luthier.core.files import write_sealed
from luthier.recipe.values import read_toml
from luthier.run import Run
from luthier.run.write import Session
from luthier.study.verify import fsck


def test_a_finished_run_says_so_and_leaves_with_0(luthier, run):
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    done = luthier("resume", "run", "--json")
    assert done.json == {"run": "run", "report": "run/report.html", **Run("run").result}
    assert done.err == "luthier: run is finished already; nothing was done\n"
    assert luthier("resume", "run").out.endswith("run: run\n")
    assert {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()} == before


def test_workers_are_for_a_study(luthier, run):
    (problem,) = luthier("resume", "run", "--workers", 2).problems
    assert problem == "--workers goes with a study, but run is a run; leave it out"


def test_as_many_epochs_as_it_has_are_nothing_to_do(luthier, run):
    assert luthier("resume", "run", "--epochs", 2).err == "luthier: run is finished already; nothing was done\n"


def test_more_epochs_are_a_new_hash_which_is_said(luthier, run):
    old = Run("run").recipe.hash()
    done = luthier("resume", "run", "--epochs", 5, "--json")
    new = Run("run").recipe.hash()
    assert done.json["epochs"] == 5 and done.json["recipe_hash"] == new != old
    assert done.err.splitlines()[-1] == f"luthier: a new recipe: {old[:12]} became {new[:12]}"
    assert [line.split("  ")[0] for line in done.err.splitlines()[:-1]] == ["epoch 3/5", "epoch 4/5", "epoch 5/5"]
    assert (run / f"result-{old[:12]}.json").is_file() and (run / f"model-{old[:12]}.safetensors").is_file()
    assert read_toml(run / "recipe.toml")["training"]["epochs"] == 5 and fsck(run) == []


@pytest.mark.parametrize("epochs", [1, 0, -3])
def test_fewer_epochs_are_refused(luthier, run, epochs):
    assert luthier("resume", "run", "--epochs", epochs).problems == [
        f"epochs must be at least the 2 that the run has done, but got {epochs}; start a new run instead"
    ]


def test_an_interrupted_continuation_goes_on_without_being_told_again(luthier, run, monkeypatch):
    save = Session.save

    def save_and_leave(self, seconds):
        save(self, seconds)
        raise Interrupted(15, "interrupted")

    with monkeypatch.context() as patch:
        patch.setattr(Session, "save", save_and_leave)
        done = luthier("resume", "run", "--epochs", 4, "--quiet")
    assert (done.status, done.out, done.err) == (143, "", "luthier: interrupted\n")
    assert Run("run").recipe.training.epochs == 4 and not (run / "result.json").exists()
    done = luthier("resume", "run", "--json", "--quiet")
    assert done.json["epochs"] == 4 and done.err == ""
    assert fsck(run) == []


def test_a_directory_with_a_recipe_and_no_checkpoint_starts_at_step_0(luthier, run):
    Path("new").mkdir()
    shutil.copy(run / "recipe.toml", "new")
    assert luthier("resume", "new", "--json", "--quiet").json["steps"] == 6
    assert Path("new/model.safetensors").read_bytes() == (run / "model.safetensors").read_bytes()


def test_a_tuning_study_is_logged_nowhere(luthier, here):
    write_sealed(here / "study.json", {"kind": "tune"})
    (problem,) = luthier("resume", ".", "--log", "tensorboard").problems
    assert problem == "--log goes with a run, but . is a tuning study, which logs nothing; leave it out"


@pytest.mark.parametrize("path", ["missing", ".", "rows.npz"])
def test_what_is_no_run_is_refused(luthier, path):
    assert luthier("resume", path).problems == [
        f"a run is a directory with a recipe.toml, but {path} has none; give the directory that luthier train printed"
    ]


def test_a_run_that_has_lost_its_data_says_what_it_looked_for(luthier, run, here):
    Path("rows.npz").unlink()
    (problem,) = luthier("resume", "run", "--epochs", 3).problems
    assert problem.startswith(f"data must be a known name or an existing path, but got '{here / 'rows.npz'}'; ")


def test_data_that_changed_are_refused(luthier, run):
    shutil.copy("pictures.npz", "rows.npz")
    (problem,) = luthier("resume", "run", "--epochs", 3).problems
    assert problem.startswith("the recipe was made for data with fingerprint ")


def test_an_unfinished_study_goes_on(luthier):
    whole = luthier("train", "rows.npz", "--epochs", 1, "--seeds", 2, "--out", "study", "--json", "--quiet").json
    shutil.rmtree("study/seed-1")
    assert luthier("resume", "study", "--json", "--quiet").json == whole
    assert luthier("resume", "study", "--quiet").out.endswith("study: study\n")


def test_a_study_takes_no_epochs(luthier):
    luthier("train", "rows.npz", "--epochs", 1, "--seeds", 2, "--out", "study", "--quiet")
    assert luthier("resume", "study", "--epochs", 3).problems == [
        "--epochs goes with a run, but study is a study; start a new one: luthier train --seeds"
    ]


def test_a_result_that_is_none_is_a_failure_in_one_line(luthier, run):
    (run / "result.json").write_text("{}")
    done = luthier("resume", "run", "--json")
    assert (done.status, done.out) == (1, "") and done.err.startswith("luthier: run/result.json does not match ")
    assert len(done.err.splitlines()) == 1


def missing(run):
    (run / "report.html").unlink()


def older(run):
    """A page that was made while the run was trained, before it was killed at its end."""
    (run / "report.html").write_text("not finished")
    os.utime(run / "report.html", ns=(1, 1))


@pytest.mark.parametrize("page", [missing, older])
def test_a_finished_run_gets_its_page(luthier, run, page):
    whole = (run / "report.html").read_text()
    page(run)
    done = luthier("resume", "run", "--json")
    assert done.json == {"run": "run", "report": "run/report.html", **Run("run").result}
    assert done.err == (
        "luthier: run is finished already; its page is missing or older than its result, and is written anew\n"
    )
    assert (run / "report.html").read_text() == whole


def test_a_finished_study_gets_its_page(luthier):
    luthier("train", "rows.npz", "--epochs", 1, "--seeds", 2, "--out", "study", "--quiet")
    Path("study/report.html").unlink()
    assert luthier("resume", "study", "--quiet").status == 0 and Path("study/report.html").is_file()


COMMANDS = [
    ("resume", "run"), ("resume", "run", "--epochs", 3), ("report", "run"), ("fsck", "run"), ("evaluate", "run"),
    ("inspect", "run"), ("inspect", "run", "--health"), ("predict", "run", "rows.npz"), ("mislabelled", "run"),
    ("compare", "run", "run"),
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: " ".join(map(str, one)))
def test_a_run_of_a_newer_version_is_refused_by_every_command(luthier, run, command):
    path = run / "environment.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    done = luthier(*command)
    told = done.out if command[0] == "fsck" else done.err
    assert done.status == (1 if command[0] == "fsck" else 2)
    assert "run/environment.json must be of format 1 or older, " in told and "pip install --upgrade luthier" in told
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize("command", ["resume", "report", "fsck", "compare"])
def test_a_study_of_a_newer_version_is_refused_by_every_command(luthier, here, command):
    (here / "study").mkdir()
    write_sealed(here / "study" / "study.json", {"format": 2, "kind": "seeds"})
    done = luthier(command, "study", *(["study"] if command == "compare" else []))
    assert done.status == (1 if command == "fsck" else 2)
    assert "study/study.json must be of format 1 or older, " in done.out + done.err


def test_damage_of_any_file_is_one_line_in_every_command(luthier, run):
    files = [path for path in sorted(run.rglob("*")) if path.is_file() and path.suffix in (".json", ".jsonl", ".toml")]
    assert len(files) == 6
    for path in files:
        right = path.read_bytes()
        for wrong in (b"\x80" + right[1:], right[:-30], b"[" * 100_000, b"{}", None):
            path.unlink() if wrong is None else path.write_bytes(wrong)
            for command in (("inspect", run), ("inspect", run, "--health"), ("report", run), ("fsck", run)):
                done = luthier(*command)
                assert done.status in (0, 1, 2), (path, command, wrong)
                assert len(done.err.splitlines()) <= 1, (path, command, done.err)
            path.write_bytes(right)
    assert fsck(run) == []
