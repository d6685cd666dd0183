"""The runs of a study side by side: equal bits, rounds in order, lost workers, lost parents, what cannot travel."""

import json
import signal
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from luthier.api import resume_study, train_curve, train_folds, train_pseudo_labels, train_seeds
from luthier.core.errors import BadInput, Diverged, LuthierError, LuthierWarning
from luthier.recipe.read import read_recipe
from luthier.run import Run, RunPaths
from luthier.study import read_study_file, train_runs, worker_pool
from luthier.study.kinds import Curve, Seeds
from luthier.study.progress import StudyProgress
from luthier.study.pseudo_labels import PseudoLabels
from luthier.study.train_runs import RunOptions, count_at_once, list_runs
from luthier.study.verify import fsck
from luthier.study.worker_pool import Message
from luthier.testing.material import SmallNet, pictures, rows

from .tune.process import gone, kill, marked, started

DATA, MORE = rows(53), rows(203).inputs[53:]
RECIPE = read_recipe({"model": {"name": "mlp", "width": 11}, "training": {"epochs": 3}})


def facts(root: Path) -> dict[str, object]:
    """What a study and its runs found, without times and places."""
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.name in ("model.safetensors", "predictions.safetensors") or path.name.endswith("labels.safetensors"):
            found[name] = path.read_bytes()
        elif path.name == "history.jsonl":
            lines = [json.loads(line) for line in path.read_text().splitlines()]
            found[name] = [{k: v for k, v in line.items() if "seconds" not in k} for line in lines]
        elif path.name == "result.json":
            result = json.loads(path.read_text())
            found[name] = [result["test"], result["validation"], result["recipe_hash"]]
    study = read_study_file(root)
    found["study"] = {key: value for key, value in study.items() if key not in ("study", "runs", "seal", "picture")}
    return found


STUDIES = {
    "seeds": lambda out, **how: train_seeds(DATA, "mlp", seeds=3, epochs=2, out=out, quiet=True, **how),
    "folds": lambda out, **how: train_folds(DATA, "mlp", folds=3, epochs=1, out=out, quiet=True, **how),
    "curve": lambda out, **how: train_curve(DATA, "mlp", sizes=[9, 20], seeds=2, epochs=1, out=out, quiet=True, **how),
    "rounds": lambda out, **how: train_pseudo_labels(
        DATA, "mlp", rounds=2, seeds=2, unlabelled=MORE, epochs=2, out=out, quiet=True, **how
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", STUDIES)
def test_a_study_is_the_same_for_any_number_of_workers(tmp_path, kind):
    here, apart = (STUDIES[kind](tmp_path / str(count) / "study", workers=count) for count in (1, 2))
    assert facts(tmp_path / "1" / "study") == facts(tmp_path / "2" / "study")
    assert [Path(run).name for run in here["runs"]] == [Path(run).name for run in apart["runs"]]
    assert fsck(tmp_path / "2" / "study") == [] and not list(tmp_path.rglob(".shared-*"))
    for run in apart["runs"]:
        (session,) = json.loads(RunPaths(Path(run)).environment.read_text())["sessions"]
        assert session["threads"] == 1 and "luthier/study/worker.py" in session["command"][0]


def test_threads_are_those_that_were_asked_for_and_stay_so(tmp_path):
    """One worker with two threads, beside this process with one."""
    out = tmp_path / "study"
    np.savez(tmp_path / "data.npz", X=DATA.inputs, y=DATA.labels)

    def study(**how):
        return train_seeds(tmp_path / "data.npz", "mlp", seeds=2, epochs=1, out=out, quiet=True, workers=1, **how)

    found = study(threads=2)
    for run in found["runs"]:
        (session,) = json.loads(RunPaths(Path(run)).environment.read_text())["sessions"]
        assert session["threads"] == 2
    assert read_study_file(out)["threads"] == 2
    assert resume_study(out, quiet=True) == study() == found
    with pytest.raises(BadInput) as caught:
        study(threads=1)
    assert str(caught.value) == (
        f"a study goes on with the threads that it began with, but the one in {out} has 2 and got --threads 1; leave "
        "it out, or choose another --out"
    )


def test_numbers_that_are_none_are_refused(tmp_path):
    with pytest.raises(BadInput) as caught:
        STUDIES["seeds"](tmp_path / "study", workers=1.5, threads=0)
    assert caught.value.problems == (
        "--workers must be a whole number at least 1 and at most 1024, but got 1.5; trainings at once; by "
        "default one for each core",
        "--threads must be a whole number at least 1 and at most 1024, but got 0; threads of each worker; they "
        "decide the last bits of "
        "results (default 1)",
    )
    assert not (tmp_path / "study").exists()


def test_only_what_waits_for_nothing_can_be_trained_at_once(tmp_path):
    assert count_at_once(list_runs(Seeds((0, 1, 2)), RECIPE, tmp_path)) == 3
    runs = list_runs(PseudoLabels((0, 1), rounds=2), RECIPE, tmp_path)
    assert [run.previous for run in runs] == [None, 0, 1, None, 3, 4] and count_at_once(runs) == 2
    finish(runs[0])
    assert count_at_once(runs) == 2
    for run in runs[1:3]:
        finish(run)
    assert count_at_once(runs) == 1


def finish(run) -> None:
    run.directory.mkdir()
    RunPaths(run.directory).result.write_text("{}")


def owner_of(runs) -> train_runs._RunOwner:
    return train_runs._RunOwner(runs, "data", StudyProgress("accuracy", 2, 6))


def test_a_round_is_given_when_the_one_before_is_finished(tmp_path):
    runs = list_runs(PseudoLabels((0, 1), rounds=1), RECIPE, tmp_path)
    owner = owner_of(runs)
    assert [owner.next_job()[0] for _ in range(2)] == [0, 2] and owner.next_job() is None
    owner.begin(2)
    owner.receive(Message(2, epoch=1, score=0.5))
    assert owner.next_job() is None
    owner.receive(Message(2, run="there"))
    number, job = owner.next_job()
    assert number == 3 and job.data == "data" and job.until is None
    assert (job.labels.run, job.labels.share) == (str(runs[2].directory), 1.0)
    assert job.labels.file == str(tmp_path / "seed-1-round-1-labels.safetensors")
    assert job.recipe == runs[3].recipe.dump() and owner.next_job() is None


def test_the_longest_runs_are_given_first(tmp_path):
    owner = owner_of(list_runs(Curve((0, 1), sizes=(5, 40)), RECIPE, tmp_path))
    given = [owner.next_job()[1].directory for _ in range(4)]
    assert [Path(one).name for one in given] == [
        "examples-40-seed-0", "examples-40-seed-1", "examples-5-seed-0", "examples-5-seed-1",
    ]  # fmt: skip


def test_finished_runs_are_not_given(tmp_path):
    runs = list_runs(Seeds((0, 1, 2)), RECIPE, tmp_path)
    finish(runs[1])
    owner = owner_of(runs)
    assert [owner.next_job()[0] for _ in range(2)] == [0, 2] and owner.next_job() is None


@pytest.mark.slow
def test_a_warning_that_is_said_before_is_not_said_again(tmp_path, monkeypatch):
    """The first run is built here, which warns, and again by a worker."""
    usual = train_runs._RunOwner.receive
    heard: list[str] = []

    def receive(owner, message):
        heard.append(message.warning or "")
        usual(owner, message)

    monkeypatch.setattr(train_runs._RunOwner, "receive", receive)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        train_seeds(
            "digits", "softmax-regression", seeds=2, epochs=1, out=tmp_path / "study", quiet=True, workers=2,
            augment={"rotation": {"degrees": 90.0}},
        )  # fmt: skip
    texts = [str(one.message) for one in said if issubclass(one.category, LuthierWarning)]
    assert len(texts) == 1 and "may make another sign" in texts[0] and texts[0] in heard


def test_what_goes_wrong_with_a_run_is_raised_and_a_warning_is_handed_on(tmp_path):
    owner = owner_of(list_runs(Seeds((0, 1)), RECIPE, tmp_path))
    with pytest.warns(LuthierWarning, match="odd data"):
        owner.receive(Message(0, warning="odd data"))
    owner.receive(Message(1, warning="odd data"))  # which is said once
    with pytest.raises(Diverged, match="at step 3"):
        owner.receive(Message(0, fault=Diverged("at step 3")))


def test_a_run_that_loses_its_worker_too_often_ends_the_study(tmp_path):
    said: list[str] = []
    owner = owner_of(list_runs(Seeds((0, 1)), RECIPE, tmp_path))
    owner.progress.tell = said.append
    assert [owner.lose(1, "status -9") for _ in range(3)] == [1, 2, 3]
    assert said == ["seed-1: its worker died with status -9; another goes on with it"] * 2  # the third is the end
    with pytest.raises(LuthierError) as caught:
        owner.give_up(1, "its worker died 3 times, last with status -9")
    assert str(caught.value) == (
        "seed-1 could not be trained: its worker died 3 times, last with status -9; free memory, or take fewer "
        f"--workers, and go on with: luthier resume {tmp_path}"
    )


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_time_only(tmp_path, monkeypatch):
    """Each is killed once, in the middle of its first run."""
    killed: list[int] = []
    pools: list[worker_pool.WorkerPool] = []
    usual = train_runs._RunOwner.receive

    def receive(owner, message):
        usual(owner, message)
        if message.epoch == 2 and message.key not in killed and len(killed) < 2:
            killed.append(message.key)
            kill(next(pools[0].workers[one].process.pid for one, key in pools[0].keys.items() if key == message.key))

    def run_jobs(pool, owner):
        pools.append(pool)
        worker_pool.run_jobs(pool, owner)

    def study(name, **how):
        return train_seeds(DATA, "mlp", seeds=2, epochs=40, out=tmp_path / name / "study", quiet=True, **how)

    study("straight")
    monkeypatch.setattr(train_runs._RunOwner, "receive", receive)
    monkeypatch.setattr(train_runs, "run_jobs", run_jobs)
    study("killed", workers=2)
    assert sorted(killed) == [0, 1]
    assert facts(tmp_path / "killed" / "study") == facts(tmp_path / "straight" / "study")
    sessions = [
        json.loads(RunPaths(tmp_path / "killed" / "study" / f"seed-{one}").environment.read_text())["sessions"]
        for one in (0, 1)
    ]
    assert [len(one) for one in sessions] == [2, 2]  # the negative control: they were in the middle


def test_progress_tells_each_run_and_what_is_left(tmp_path, capsys):
    train_seeds(DATA, "mlp", seeds=3, epochs=3, out=tmp_path / "study", workers=2)
    first, *lines = capsys.readouterr().err.splitlines()
    assert first == "3 runs on 2 workers" and len(lines) == 3
    assert sorted(line.split()[0] for line in lines) == ["seed-0", "seed-1", "seed-2"]
    assert [line.split("  ")[2] for line in lines] == ["1 of 3 runs done", "2 of 3 runs done", "3 of 3 runs done"]
    assert all("validation accuracy 0." in line or "validation accuracy 1." in line for line in lines)
    assert "left" in lines[0] and "left" not in lines[2]


def test_a_network_of_ones_own_is_trained_in_this_process_which_is_told(tmp_path, capsys):
    study = train_seeds(pictures(61), SmallNet(), seeds=2, epochs=1, out=tmp_path / "study", workers=2)
    assert capsys.readouterr().err.splitlines()[0] == (
        "luthier: a network of your own, SmallNet, cannot be handed to workers; the runs are trained one after another"
    )
    for run in study["runs"]:
        (session,) = json.loads(RunPaths(Path(run)).environment.read_text())["sessions"]
        assert session["threads"] == torch.get_num_threads() and "worker.py" not in session["command"][0]
    assert read_study_file(tmp_path / "study")["threads"] is None
    answers = [Run(path, SmallNet()).predict_proba(pictures(61).inputs[:5]) for path in study["runs"]]
    assert not np.array_equal(*answers)


def test_loggers_and_parts_of_ones_own_stay_in_this_process():
    options = RunOptions(torch.device("cpu"))
    assert train_runs.find_obstacle(RECIPE, options) is None
    logged = RunOptions(torch.device("cpu"), log=("tensorboard",))
    assert train_runs.find_obstacle(RECIPE, logged) == "a logger, tensorboard,"


def start_study(root: Path, mark: str, *more: object):
    return started(
        "train", root.parent / "data.npz", "--model", "mlp", "--epochs", 60, "--set", "training.batch_size=2",
        "--seeds", 3, "--workers", 2, "--out", root, "--quiet", *more, mark=mark,
    )  # fmt: skip


@pytest.fixture
def straight(tmp_path) -> dict[str, object]:
    """A study that nothing disturbs, beside the data of the others."""
    np.savez(tmp_path / "data.npz", X=DATA.inputs, y=DATA.labels)
    settings = {"epochs": 60, "batch_size": 2, "quiet": True}
    train_seeds(tmp_path / "data.npz", "mlp", seeds=3, out=tmp_path / "straight", **settings)
    return facts(tmp_path / "straight")


def wait_for(what, limit: float = 120) -> None:
    end = time.monotonic() + limit
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_study_that_is_cut_off_leaves_nobody_and_ends_like_one_that_was_not(tmp_path, straight, number):
    root, mark = tmp_path / "study", f"study-{number}"
    with start_study(root, mark) as process:
        wait_for(lambda: len(list(root.glob("seed-*/checkpoints/*.json"))) >= 2)
        assert len(marked(mark)) == 3
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
    assert process.returncode == (-number if number == signal.SIGKILL else 128 + number) and out == ""
    if number != signal.SIGKILL:
        assert err.splitlines() == [
            f"luthier: interrupted; what was trained is kept; go on with: luthier resume {root}"
        ]
    assert gone(mark) and "test" not in read_study_file(root)
    with start_study(root, mark) as again:
        out, err = again.communicate(timeout=300)
    assert again.returncode == 0, err
    assert facts(root) == straight and fsck(root) == [] and not list(root.glob(".shared-*"))
