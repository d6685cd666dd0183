"""Real workers: what they train, what must not disturb them, and that they never outlive who asked."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from luthier.core.errors import BadInput, Interrupted
from luthier.core.lock import wait_for_lock
from luthier.core.worker_process import SOURCE
from luthier.data.shared import share_dataset
from luthier.recipe.read import read_recipe
from luthier.run import Run, RunPaths
from luthier.study import worker_pool
from luthier.study.tune.train_trial import TrialRun, train_trial
from luthier.study.tune.trial import Outcome
from luthier.study.worker_pool import Job, open_worker_pool, run_jobs
from luthier.testing.material import rows

RECIPE = read_recipe({"model": {"name": "mlp", "width": 11}, "training": {"epochs": 3, "batch_size": 17}})
LONG = read_recipe({"model": {"name": "mlp", "width": 11}, "training": {"epochs": 10000, "batch_size": 2}})
NOISY = """
import os
from luthier.study import worker
from luthier.study.tune import train_trial
quiet = train_trial.train_trial
def train_trial(*arguments):
    print("what a library prints", flush=True)
    os.write(1, b'{"epoch": 1, "score": 2.0}\\nno end of line')
    return quiet(*arguments)
train_trial.train_trial = train_trial
worker.main()
"""


class Owner:
    """Has jobs with numbers, and notes what is said of them."""

    def __init__(self, *jobs: Job, during=lambda message: None) -> None:
        self.waiting, self.said, self.during = list(enumerate(jobs)), [], during

    def next_job(self):
        return self.waiting.pop(0) if self.waiting else None

    def begin(self, key):
        pass

    def receive(self, message):
        self.said.append(message)
        self.during(message)

    def lose(self, key, words):
        raise AssertionError(words)


@pytest.fixture
def data(tmp_path) -> str:
    """The folder of a shared data set."""
    (tmp_path / "data").mkdir()
    share_dataset(rows(97), tmp_path / "data")
    return str(tmp_path / "data")


def run(owner: Owner, check=lambda: None) -> list:
    """Do the jobs of an owner with one worker, and return what was said."""
    limit = time.monotonic() + 120

    def in_time():
        assert time.monotonic() < limit
        check()

    with open_worker_pool(1, "cpu", 1) as pool:
        owner.pool, pool.check = pool, in_time
        run_jobs(pool, owner)
    return owner.said


def test_a_worker_trains_what_it_is_told_though_libraries_print_and_signals_come(tmp_path, data, monkeypatch):
    monkeypatch.setattr(worker_pool, "WORKER", ("-c", NOISY))
    trials = [Job(RECIPE.dump(), data, str(tmp_path / "trial"), until) for until in (1, 3)]

    def disturb(message):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            owner.pool.workers[0].process.send_signal(number)

    owner = Owner(*trials, Job(RECIPE.dump(), data, str(tmp_path / "run")), during=disturb)
    said = run(owner)
    outcomes = [Outcome.of(one.outcome) for one in said if one.outcome]
    straight = train_trial(TrialRun(RECIPE, tmp_path / "straight", 3), rows(97), torch.device("cpu"))
    assert [one.ended for one in outcomes] == ["paused", "finished"] and outcomes[1].scores == straight.scores
    assert [one.score for one in said if one.epoch and one.key < 2] == list(straight.scores.values())
    assert [(one.epoch, one.score) for one in said if one.epoch and one.key == 2] == list(straight.scores.items())
    found = Run(said[-1].run)
    assert found.path == tmp_path / "run" and found.recipe.training.epochs == 3 and found.result["test"]["n"] > 0


def test_a_finished_run_is_not_trained_again(tmp_path, data):
    job = Job(RECIPE.dump(), data, str(tmp_path / "run"))
    said = run(Owner(job, job))
    assert [one.run for one in said if one.ended] == [str(tmp_path / "run")] * 2
    assert [one.key for one in said if one.epoch] == [0, 0, 0]
    assert len(json.loads(RunPaths(tmp_path / "run").environment.read_text())["sessions"]) == 1


def test_a_run_without_a_validation_part_tells_its_epochs_all_the_same(tmp_path, data):
    recipe = read_recipe({**RECIPE.dump(), "split": {"validation": 0.0}})
    said = run(Owner(Job(recipe.dump(), data, str(tmp_path / "run"))))
    assert [(one.epoch, one.score) for one in said if one.epoch] == [(1, None), (2, None), (3, None)]


def test_what_is_wrong_with_a_run_arrives_as_it_was_raised_and_the_next_is_trained(tmp_path, data):
    small = read_recipe({**RECIPE.dump(), "split": {"validation": 0.2, "examples": 3}})
    wrong = read_recipe({**RECIPE.dump(), "data": {"fingerprint": "0" * 64}})
    said = run(Owner(*(Job(one.dump(), data, str(tmp_path / f"{k}")) for k, one in enumerate((wrong, small)))))
    assert isinstance(said[0].fault, BadInput) and "fingerprint" in str(said[0].fault)
    assert said[-1].run == str(tmp_path / "1")


def test_a_signal_lets_the_worker_save_at_its_step(tmp_path):
    share_dataset(rows(901), tmp_path)

    def stop(message):
        owner.stopped = True

    def check():
        if owner.stopped:
            time.sleep(0.1)  # in the middle of the next epoch, which takes several times as long
            raise Interrupted(15, "asked to")

    owner = Owner(Job(LONG.dump(), str(tmp_path), str(tmp_path / "run")), during=stop)
    owner.stopped = False
    with pytest.raises(Interrupted):
        run(owner, check)
    steps = [int(path.stem.removeprefix("step-")) for path in RunPaths(tmp_path / "run").checkpoints.glob("*.json")]
    rows_of_history = [json.loads(line) for line in RunPaths(tmp_path / "run").history.read_text().splitlines()]
    ended = max(row["step"] for row in rows_of_history if row["kind"] == "validation")
    assert max(steps) > ended  # the negative control: without a signal it is saved at the end of an epoch
    with wait_for_lock(tmp_path / "run", lambda holder: None):
        pass


PARENT = """
import json, sys
from luthier.study.worker_pool import Job, open_worker_pool, run_jobs
class Owner:
    jobs = [(0, Job(json.loads(sys.argv[3]), sys.argv[1], sys.argv[2], 10000))]
    def next_job(self):
        return self.jobs.pop() if self.jobs else None
    def begin(self, key):
        pass
    def receive(self, message):
        print(message.epoch, flush=True)
with open_worker_pool(1, "cpu", 1) as pool:
    print(pool.workers[0].process.pid, flush=True)
    run_jobs(pool, Owner())
"""


def test_a_worker_ends_with_its_caller_whatever_it_is_doing(tmp_path, data):
    command = [sys.executable, "-c", PARENT, data, str(tmp_path / "trial"), json.dumps(LONG.dump())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        worker = int(parent.stdout.readline())
        assert parent.stdout.readline() == "1\n"  # it is in the middle of its training
        parent.kill()
    limit = time.monotonic() + 20
    while alive(worker):
        assert time.monotonic() < limit
        time.sleep(0.02)
    with wait_for_lock(tmp_path / "trial", lambda holder: None):
        pass  # its last thread may be some moments behind


def alive(process: int) -> bool:
    """Whether a process is there and no mere name of a dead one."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_worker_that_is_told_nothing_ends_and_says_nothing():
    command = [sys.executable, "-m", "luthier.study.worker"]
    done = subprocess.run(command, input="", text=True, capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "") and SOURCE
