"""Many seeds, one question: the mean with its interval, resumable."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from luthier.api import resume_study, train, train_seeds
from luthier.core.errors import BadInput, DamagedFile, Interrupted, LostDirectory
from luthier.core.files import write_sealed
from luthier.core.lock import hold_lock
from luthier.recipe.read import LARGEST_SEED
from luthier.run import Run
from luthier.stats import mean_interval
from luthier.study import read_study_file, run_directories, train_runs
from luthier.study.verify import fsck
from luthier.study.worker import _check_place
from luthier.study.worker_pool import Job, own_place
from luthier.testing.material import SmallNet, pictures, rows

DATA = rows(53)


def seeds(out: Path, count: int = 3, **settings) -> dict:
    return train_seeds(DATA, "mlp", seeds=count, out=out, **{"epochs": 1, "quiet": True, **settings})


def contents(root: Path) -> dict[str, bytes]:
    """All files but the lock, which names its last holder."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def test_a_study_gives_the_mean_over_its_seeds(tmp_path):
    out = tmp_path / "study"
    study = seeds(out, seed=4)
    runs = [Run(path) for path in study["runs"]]
    assert [run.path for run in runs] == [out / f"seed-{seed}" for seed in (4, 5, 6)] == run_directories(out)
    assert [run.recipe.seed for run in runs] == [4, 5, 6]
    assert len({run.recipe.hash(with_seed=False) for run in runs}) == 1
    assert len({run.recipe.data.fingerprint for run in runs}) == 1
    accuracies = [run.result["test"]["accuracy"] for run in runs]
    found = mean_interval(accuracies)
    assert study["test"] == {"mean": pytest.approx(np.mean(accuracies)), "interval": [found.low, found.high], "n": 3}
    assert study["test_loss"]["mean"] == pytest.approx(np.mean([run.result["test"]["loss"] for run in runs]))
    assert study["study"] == str(out) and fsck(out) == []


def test_the_ledger_says_what_was_asked_and_what_came_of_it(tmp_path):
    study = seeds(tmp_path / "study")
    ledger = read_study_file(tmp_path / "study")
    assert ledger["kind"] == "seeds" and ledger["seeds"] == [0, 1, 2]
    assert ledger["recipe_hash"] == Run(study["runs"][0]).recipe.hash()
    assert ledger["test"] == study["test"]


def test_a_seed_of_a_study_is_the_run_that_one_would_train_alone(tmp_path):
    seeds(tmp_path / "study")
    alone = train(DATA, "mlp", epochs=1, seed=2, out=tmp_path / "alone", quiet=True)
    name = "model.safetensors"
    assert (alone.path / name).read_bytes() == (tmp_path / "study" / "seed-2" / name).read_bytes()


def test_a_study_that_was_cut_off_goes_on_and_keeps_its_finished_runs(tmp_path, monkeypatch):
    expected = seeds(tmp_path / "straight")
    out, trained = tmp_path / "study", []

    def die(prepared, *rest):
        trained.append(prepared.recipe.seed)
        if len(trained) == 2:
            raise KeyboardInterrupt
        return begun(prepared, *rest)

    begun = train_runs.start_run
    monkeypatch.setattr(train_runs, "start_run", die)
    with pytest.raises(KeyboardInterrupt):
        seeds(out)
    assert trained == [0, 1] and "test" not in read_study_file(out) and fsck(out) == []
    first = contents(out / "seed-0")
    assert seeds(out)["test"] == expected["test"]
    assert trained == [0, 1, 1, 2] and contents(out / "seed-0") == first


def test_a_signal_names_the_study_too(tmp_path, monkeypatch):
    def interrupted(prepared, root, *rest):
        raise Interrupted(15, f"go on with: luthier resume {root}")

    monkeypatch.setattr(train_runs, "start_run", interrupted)
    with pytest.raises(Interrupted) as caught:
        seeds(tmp_path / "study")
    first = tmp_path / "study" / "seed-0"
    assert str(caught.value) == (
        f"go on with: luthier resume {first}, or with the whole study: luthier resume {tmp_path / 'study'}"
    )
    assert caught.value.exit_code == 143


def test_resume_finds_the_data_and_the_recipe_of_a_study(tmp_path):
    np.savez(tmp_path / "data.npz", X=DATA.inputs, y=DATA.labels)
    out = tmp_path / "study"
    whole = train_seeds(tmp_path / "data.npz", "mlp", seeds=2, epochs=1, out=out, quiet=True)
    for path in (out / "seed-1").glob("*.*"):
        path.unlink()
    for path in (out / "seed-1" / "checkpoints").iterdir():
        path.unlink()
    (out / "seed-1" / "checkpoints").rmdir()
    assert resume_study(out, quiet=True) == whole
    before = contents(out)
    assert resume_study(out, quiet=True) == whole
    assert contents(out) == before


def test_a_study_of_arrays_cannot_find_them_again(tmp_path):
    seeds(tmp_path / "study")
    with pytest.raises(BadInput, match="it was trained on arrays that no file holds"):
        resume_study(tmp_path / "study")


def test_an_own_module_is_trained_under_every_seed(tmp_path):
    study = train_seeds(pictures(61), SmallNet(), seeds=2, epochs=1, out=tmp_path / "study", quiet=True)
    answers = [Run(path, SmallNet()).predict_proba(pictures(61).inputs[:5]) for path in study["runs"]]
    assert not np.array_equal(*answers)


@pytest.mark.parametrize(
    ("count", "got"),
    [(0, "0"), (10_001, "10001"), (10**5000, "a whole number of 5,001 digits")],
    ids=["none", "many", "vast"],
)
def test_seeds_have_a_range(tmp_path, count, got):
    with pytest.raises(BadInput) as caught:
        seeds(tmp_path / "study", count)
    assert str(caught.value) == (
        f"--seeds must be a whole number at least 1 and at most 10000, but got {got}; train under this many seeds and "
        "print the mean with its interval; 5 are usual"
    )


def test_one_seed_has_no_interval(tmp_path):
    with pytest.raises(BadInput) as caught:
        seeds(tmp_path / "study", 1)
    assert str(caught.value) == "--seeds must be at least 2 for an interval, but got 1; use --seed N for a single run"
    assert not (tmp_path / "study").exists()


def test_seeds_beyond_the_largest_are_refused_before_anything_is_trained(tmp_path):
    with pytest.raises(BadInput) as caught:
        seeds(tmp_path / "study", 3, seed=LARGEST_SEED - 1)
    assert str(caught.value) == (
        f"seeds must stay at most {LARGEST_SEED}, but 3 from {LARGEST_SEED - 1} on do not; lower --seed"
    )
    assert not (tmp_path / "study").exists()


def test_what_cannot_be_built_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(BadInput, match="lenet5 needs pictures"):
        train_seeds(DATA, "lenet5", seeds=2, out=tmp_path / "study", quiet=True)
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("change", [{"learning_rate": 0.5}, {"seed": 1}, {"count": 2}])
def test_a_directory_with_another_study_is_refused(tmp_path, change):
    out = tmp_path / "study"
    seeds(out)
    before = contents(out)
    first, count = change.get("seed", 0), change.get("count", 3)
    with pytest.raises(BadInput) as caught:
        seeds(out, **change)
    assert str(caught.value) == (
        f"the study in {out} is of another recipe or other seeds than {list(range(first, first + count))}; "
        "choose another --out"
    )
    assert contents(out) == before


@pytest.mark.parametrize("where", ["", "notes.txt"])
def test_a_directory_in_which_something_else_lies_is_refused_and_so_is_a_file(tmp_path, where):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BadInput) as caught:
        seeds(tmp_path / where)
    assert str(caught.value) == (
        f"the study's directory must be new or empty, but {tmp_path / where} is not; choose another with --out"
    )
    assert contents(tmp_path) == {"notes.txt": b"mine"}


SOUND = {"seeds": [0, 1], "recipe": {}, "recipe_hash": ""}


@pytest.mark.parametrize("ledger", [{}, {**SOUND, "seeds": ["../x"]}, {**SOUND, "seeds": 3}, {**SOUND, "recipe": 1}])
def test_a_ledger_that_is_none_is_damaged(tmp_path, ledger):
    write_sealed(tmp_path / "study.json", ledger)
    for read in (read_study_file, run_directories, resume_study):
        with pytest.raises(DamagedFile) as caught:
            read(tmp_path)
        assert str(caught.value) == (
            f"{tmp_path / 'study.json'} is not the ledger of a study; restore it or start the study anew"
        )


def test_a_run_of_a_study_that_is_a_link_is_not_trained(tmp_path):
    out, outside = tmp_path / "study", tmp_path / "outside"
    seeds(out, 2)
    shutil.move(out / "seed-1", outside)
    (outside / "result.json").unlink()
    (out / "seed-1").symlink_to(outside)
    before = contents(outside)
    with pytest.raises(BadInput, match="seed-1 leads to "):
        seeds(out, 2)
    assert contents(outside) == before


def test_a_study_stops_where_its_directory_is_no_longer_its_own(tmp_path, monkeypatch):
    """Another study begins under the same name between two runs."""
    out, begun = tmp_path / "study", train_runs.start_run

    def start_and_lose(prepared, root, *rest):
        run = begun(prepared, root, *rest)
        shutil.rmtree(out)
        out.mkdir()
        (out / ".lock").touch()
        return run

    monkeypatch.setattr(train_runs, "start_run", start_and_lose)
    with pytest.raises(LostDirectory, match=f"{out} must stay as it is"):
        seeds(out)
    assert [one.name for one in out.iterdir()] == [".lock"]


def test_a_worker_trains_nothing_in_the_directory_of_another_study(tmp_path):
    (tmp_path / "study").mkdir()
    with hold_lock(tmp_path / "study"):
        mark = own_place(tmp_path / "study" / "seed-0")
        job = Job({}, "", str(tmp_path / "study" / "seed-0"), owner=mark)
        _check_place(job)
    (tmp_path / "study" / ".lock").rename(tmp_path / "kept")
    (tmp_path / "study" / ".lock").touch()
    with pytest.raises(LostDirectory):
        _check_place(job)
    (tmp_path / "study" / "seed-0").symlink_to(tmp_path)
    with pytest.raises(BadInput, match="seed-0 leads to"):
        _check_place(job)


def test_the_command_that_made_a_run_is_kept_without_passwords(tmp_path, monkeypatch):
    given = ["train.py", "--store", "postgresql://me:SECRET@host/d", "--store=postgresql://host/d?password=SECRET"]
    monkeypatch.setattr(sys, "argv", given)
    seeds(tmp_path / "study", 2)
    kept = (tmp_path / "study" / "seed-0" / "environment.json").read_text()
    assert "SECRET" not in kept and '"--store=postgresql://host/d?password=***"' in kept
