"""Real workers: what they train, what must not disturb them, and that they never outlive who asked."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import torch

from luthier.core.files import wait_for_lock
from luthier.data.shared import share_dataset
from luthier.recipe.read import read_recipe
from luthier.run import Run
from luthier.study import worker_pool as crews
from luthier.study.tune.train_trial import TrialRun, train_trial
from luthier.study.tune.trial import Outcome
from luthier.study.tune.worker import Job, WorkerSettings
from luthier.study.worker_pool import open_worker_pool, run_jobs
from luthier.testing.material import rows

RECIPE = read_recipe({"model": {"name": "mlp", "width": 11}, "training": {"epochs": 3, "batch_size": 17}})
LONG = read_recipe({"model": {"name": "mlp", "width": 11}, "training": {"epochs": 10000, "batch_size": 2}})
NOISY = """
import os
from luthier.study.tune import practice, worker
quiet = practice.train_trial
def train_trial(*arguments):
    print("what a library prints", flush=True)
    os.write(1, b'{"epoch": 1, "score": 2.0}\\nno end of line')
    return quiet(*arguments)
practice.train_trial = train_trial
worker.main()
"""


def data_in(folder: Path):
    folder.mkdir()
    share_dataset(rows(97), folder)
    return WorkerSettings(str(folder), "cpu", 1, ())


def in_time():
    limit = time.monotonic() + 120

    def check():
        assert time.monotonic() < limit

    return check


def test_a_worker_trains_what_it_is_told_though_libraries_print_and_signals_come(tmp_path, monkeypatch):
    monkeypatch.setattr(crews, "MODULE", ("-c", NOISY))
    jobs = [Job(RECIPE.dump(), str(tmp_path / "trial"), stop) for stop in (1, 3)]
    jobs.append(Job(RECIPE.dump(), str(tmp_path / "run"), None))
    waiting, said = list(enumerate(jobs)), []
    with open_worker_pool(1, 1) as pool:
        pool.check = in_time()
        pool.open(data_in(tmp_path / "data"))

        def take(found):
            said.append(found)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                pool.workers[0].process.send_signal(number)

        run_jobs(pool, lambda: waiting.pop(0) if waiting else None, take)
    outcomes = [Outcome.of(one.outcome) for one in said if one.outcome]
    straight = train_trial(TrialRun(RECIPE, tmp_path / "straight", 3), rows(97), torch.device("cpu"))
    assert [one.ended for one in outcomes] == ["paused", "finished"] and outcomes[1].scores == straight.scores
    assert [one.score for one in said if one.epoch] == list(straight.scores.values())
    run = Run(said[-1].run)
    assert run.path == tmp_path / "run" and run.recipe.training.epochs == 3 and run.result["test"]["n"] > 0


PARENT = """
import sys
from luthier.study.worker_pool import open_worker_pool, run_jobs
from luthier.study.tune.worker import Job, WorkerSettings
import json
folder, directory, recipe = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
with open_worker_pool(1, 1) as pool:
    pool.open(WorkerSettings(folder, "cpu", 1, ()))
    print(pool.workers[0].process.pid, flush=True)
    given = []
    run_jobs(pool, lambda: None if given else given.append(1) or (0, Job(recipe, directory, 10000)), lambda said: print(said.epoch, flush=True))
"""  # noqa: E501


def test_a_worker_ends_with_its_caller_whatever_it_is_doing(tmp_path):
    data_in(tmp_path / "data")
    command = [sys.executable, "-c", PARENT, str(tmp_path / "data"), str(tmp_path / "trial"), json.dumps(LONG.dump())]
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
    command = [sys.executable, "-m", "luthier.study.tune.worker"]
    done = subprocess.run(command, input="", text=True, capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "")
