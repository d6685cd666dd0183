"""luthier resume: a finished run, a longer one, an interrupted one, an empty one, a study."""

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
