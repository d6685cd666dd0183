"""Workers, the loop that gives them jobs, and what becomes of a job that loses its worker."""

import json
import time

import pytest

from luthier.core.errors import BadInput, Diverged, Interrupted, LuthierError
from luthier.study import worker_pool
from luthier.study.worker_pool import MAX_RETRIES, Job, count_workers, describe_fault, open_worker_pool, run_jobs

HASTY = """
import sys
for number, line in enumerate(sys.stdin):
    if number:  # after the setup
        sys.stdout.write('{"epoch": 1, "score": 0.5}\\n{"epoch": 2, "score": null}\\n{"run": "there"}\\n')
        sys.stdout.flush()
"""
MORTAL = """
import json, os, sys
for number, line in enumerate(sys.stdin):
    directory = json.loads(line).get("directory", "")
    if directory.startswith("dies"):
        flag = directory.removeprefix("dies ")
        if not os.path.exists(flag):
            open(flag, "w").close()
            os.kill(os.getpid(), 9)
    if directory == "fails":
        print("first line\\nlast line", file=sys.stderr, flush=True)
        sys.exit(3)
    if number:
        print('{"run": "there"}', flush=True)
"""


class Owner:
    """Wants jobs done in directories, each of which is a key too, and notes what it is told."""

    def __init__(self, *directories: str, during=lambda message: None) -> None:
        self.waiting, self.during = list(directories), during
        self.begun: list[str] = []
        self.said: list = []
        self.losses: list[tuple[str, str]] = []
        self.given_up: dict[str, str] = {}

    def next_job(self):
        return (self.waiting[0], Job({}, "data", self.waiting.pop(0))) if self.waiting else None

    def begin(self, key):
        self.begun.append(key)

    def receive(self, message):
        self.said.append(message)
        self.during(message)

    def lose(self, key, words):
        self.losses.append((key, words))
        return [one for one, _ in self.losses].count(key)

    def give_up(self, key, why):
        self.given_up[key] = why


@pytest.fixture
def pool_of(monkeypatch):
    """Open a pool of stand-ins that run a script; work that would never end is ended."""

    def run(script: str, count: int = 1, threads: int = 1, arguments: tuple[str, ...] = ()):
        monkeypatch.setattr(worker_pool, "WORKER", ("-c", script, *arguments))
        return open_worker_pool(count, "cpu", threads)

    return run


def run(pool, owner) -> list:
    """Do the jobs of an owner and return their processes."""
    limit = time.monotonic() + 20

    def check():
        assert time.monotonic() < limit

    pool.check = check
    run_jobs(pool, owner)
    return [one.process for one in pool.workers.values()]


def test_every_job_is_done_once_and_all_that_is_said_of_it_is_heard(pool_of):
    owner = Owner("a", "b", "c")
    with pool_of(HASTY, 2) as pool:
        processes = run(pool, owner)
    for key in "abc":
        said = [one for one in owner.said if one.key == key]
        assert [(one.epoch, one.score, one.run) for one in said] == [
            (1, 0.5, None),
            (2, None, None),
            (None, None, "there"),
        ]
        assert [one.ended for one in said] == [False, False, True]
    assert sorted(owner.begun) == ["a", "b", "c"] and not owner.losses
    assert len(processes) == pool.size == 2 and all(one.returncode is not None for one in processes)


def test_a_job_whose_worker_died_goes_to_another_before_any_new_one(pool_of, tmp_path):
    dies = f"dies {tmp_path / 'flag'}"
    owner = Owner(dies, "b", "c")
    with pool_of(MORTAL) as pool:
        run(pool, owner)
    assert owner.begun == [dies, dies, "b", "c"] and owner.losses == [(dies, "status -9")]
    assert [one.key for one in owner.said if one.run] == [dies, "b", "c"] and not owner.given_up


def test_a_job_that_kills_each_worker_is_given_up_and_the_others_are_done(pool_of):
    owner = Owner("a", "fails", "b")
    with pool_of(MORTAL, 2) as pool:
        run(pool, owner)
    words = "status 3; it said: last line"
    assert MAX_RETRIES == 2 and owner.losses == [("fails", words)] * 3
    assert owner.given_up == {"fails": f"its worker died 3 times, last with {words}"}
    assert sorted(one.key for one in owner.said) == ["a", "b"]


def test_losses_of_earlier_processes_count(pool_of):
    owner = Owner("fails")
    owner.losses = [("fails", "before")] * MAX_RETRIES
    with pool_of(MORTAL) as pool:
        run(pool, owner)
    assert owner.begun == ["fails"] and owner.given_up


def test_a_worker_that_dies_idle_is_replaced_and_no_job_has_lost_it(pool_of):
    def kill_the_idle(message):
        if message.ended and message.key == "a":
            pool.workers[0].process.kill()
            pool.workers[0].process.wait()

    owner = Owner("a", "b", "c", "d", during=kill_the_idle)
    with pool_of(HASTY) as pool:
        first = pool.workers[0].process
        run(pool, owner)
        assert pool.workers[0].process is not first
    assert sorted(one.key for one in owner.said if one.run) == ["a", "b", "c", "d"]


def test_workers_that_were_killed_before_there_was_anything_to_do_are_replaced(pool_of):
    owner = Owner("a", "b")
    with pool_of(HASTY, 2) as pool:
        for one in pool.workers.values():
            one.process.kill()
            one.process.wait()
        run(pool, owner)
    assert sorted(one.key for one in owner.said if one.run) == ["a", "b"]


def test_whatever_ends_the_work_no_process_is_left(pool_of):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), pool_of("import time\ntime.sleep(600)", 3) as pool:
        processes = [one.process for one in pool.workers.values()]
        pool.check = stop
        run_jobs(pool, Owner())
    assert [one.returncode for one in processes] == [-9] * 3


SAVES = """
import sys
for line in sys.stdin:
    if line == '"stop"\\n':
        open(sys.argv[1], "w").write("saved")
        sys.exit(0)
"""


def test_a_signal_gives_workers_the_time_to_save(pool_of, tmp_path):
    with pytest.raises(Interrupted), pool_of(SAVES, arguments=(str(tmp_path / "saved"),)) as pool:
        process = pool.workers[0].process
        raise Interrupted(15, "asked to")
    assert process.returncode == 0 and (tmp_path / "saved").read_text() == "saved"


def test_but_not_for_ever(pool_of, monkeypatch):
    monkeypatch.setattr(worker_pool, "GRACE", 0.2)
    with pytest.raises(Interrupted), pool_of("import time\ntime.sleep(600)") as pool:
        process = pool.workers[0].process
        raise Interrupted(15, "asked to")
    assert process.returncode == -9


def test_a_signal_that_ends_workers_too_is_no_loss(pool_of):
    owner = Owner("fails")
    turns = []

    def check():
        turns.append(len(owner.begun))
        if len(turns) > 1 and not pool.keys:  # after the worker died
            raise Interrupted(15, "asked to")

    with pytest.raises(Interrupted), pool_of(MORTAL) as pool:
        pool.check = check
        run_jobs(pool, owner)
    assert owner.begun == ["fails"] and not owner.losses


def test_workers_are_told_their_threads_and_device(pool_of):
    script = """
import json, os, sys
setup = json.loads(sys.stdin.readline())
sys.stdin.readline()
print(json.dumps({"run": f"{setup} {os.environ['OMP_NUM_THREADS']}"}), flush=True)
sys.stdin.readline()
"""
    owner = Owner("a")
    with pool_of(script, threads=3) as pool:
        run(pool, owner)
    assert owner.said[0].run == "{'device': 'cpu', 'threads': 3} 3"


@pytest.mark.parametrize("error", [BadInput("one", "two"), Diverged("at step 3"), LuthierError("other")])
def test_a_fault_arrives_as_it_was_raised(pool_of, error):
    owner = Owner("a")
    answer = json.dumps(describe_fault(error))
    script = f"import sys\nsys.stdin.readline()\nfor line in sys.stdin: print({answer!r}, flush=True)"
    with pool_of(script) as pool:
        run(pool, owner)
    (message,) = owner.said
    assert type(message.fault) is type(error) and str(message.fault) == str(error) and message.ended
    assert message.fault.exit_code == error.exit_code


def test_a_warning_does_not_end_a_job(pool_of):
    script = """
import sys
for number, line in enumerate(sys.stdin):
    if number:
        print('{"warning": "odd"}\\n{"run": "there"}', flush=True)
"""
    owner = Owner("a", "b")
    with pool_of(script) as pool:
        run(pool, owner)
    assert [(one.key, one.warning, one.ended) for one in owner.said] == [
        ("a", "odd", False), ("a", None, True), ("b", "odd", False), ("b", None, True),
    ]  # fmt: skip


def test_by_default_there_is_a_worker_for_each_core(monkeypatch):
    monkeypatch.setattr(worker_pool, "count_processors", lambda: 7)
    assert [count_workers(None, threads) for threads in (1, 2, 3, 8)] == [7, 3, 2, 1]
    assert count_workers(5, 4) == 5
