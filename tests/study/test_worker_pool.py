"""Workers and what they say."""

import time

import pytest

from luthier.study import worker_pool as crews
from luthier.study.tune.worker import Job, WorkerSettings
from luthier.study.worker_pool import open_worker_pool, run_jobs

HASTY = """
import sys
for number, line in enumerate(sys.stdin):
    if number:  # after the setting
        sys.stdout.write('{"epoch": 1, "score": 0.5}\\n{"epoch": 2, "score": 0.75}\\n{"run": "there"}\\n')
        sys.stdout.flush()
"""
SLOW = """
import sys, time
for number, line in enumerate(sys.stdin):
    for letter in '{"run": "there"}\\n' * (number > 0):
        sys.stdout.write(letter)
        sys.stdout.flush()
        time.sleep(0.01)
"""


def in_time():
    """What ends a work that would never end."""
    limit = time.monotonic() + 20

    def check():
        assert time.monotonic() < limit

    return check


@pytest.mark.parametrize(("script", "epochs"), [(HASTY, [1, 2, None]), (SLOW, [None])], ids=["hasty", "slow"])
def test_lines_that_come_at_once_or_in_pieces_are_all_heard(script, epochs, monkeypatch):
    monkeypatch.setattr(crews, "MODULE", ("-c", script))
    waiting, said = list(range(3)), []
    with open_worker_pool(2, 1) as pool:
        pool.check = in_time()
        pool.open(WorkerSettings("", "cpu", 1, ()))
        run_jobs(pool, lambda: (waiting[0], Job({}, str(waiting.pop(0)), 1)) if waiting else None, said.append)
    for job in range(3):
        assert [one.epoch for one in said if one.key == job] == epochs
    assert all(one.run == "there" for one in said if one.ended)


def gathered(script, jobs, count, monkeypatch, during=lambda pool, found: None):
    """What a pool of stand-ins says of some jobs, each a word; one that died is given again."""
    monkeypatch.setattr(crews, "MODULE", ("-c", script))
    waiting, said = list(jobs), []

    def take(found):
        said.append(found)
        if found.died is not None and len(said) < 20:
            waiting.append(found.key)
        during(pool, found)

    with open_worker_pool(count, 1) as pool:
        pool.check = in_time()
        pool.open(WorkerSettings("", "cpu", 1, ()))
        processes = [one.process for one in pool.workers]
        run_jobs(pool, lambda: (waiting[0], Job({}, waiting.pop(0), 1)) if waiting else None, take)
        processes += [one.process for one in pool.workers]
    assert all(one.returncode is not None for one in processes)
    return said


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


def test_an_errand_whose_worker_died_comes_back_and_another_does_it(tmp_path, monkeypatch):
    said = gathered(MORTAL, ["a", f"dies {tmp_path / 'flag'}", "b", "c"], 2, monkeypatch)
    assert sorted(one.key for one in said if one.run) == ["a", "b", "c", f"dies {tmp_path / 'flag'}"]
    (dead,) = [one for one in said if one.died]
    assert dead.key.startswith("dies") and dead.died == "status -9"


def test_the_last_words_are_told(monkeypatch):
    words = []

    def give_up(pool, found):
        words.append(found.died)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gathered(MORTAL, ["fails"], 1, monkeypatch, give_up)
    assert words == ["status 3; it said: last line"]


def test_a_worker_that_dies_idle_is_replaced(monkeypatch):
    def kill_the_idle(pool, found):
        for one in pool.workers:
            if one.key is None and found.key == "a":
                one.process.kill()
                one.process.wait()

    said = gathered(HASTY, ["a", "b", "c", "d"], 1, monkeypatch, kill_the_idle)
    assert sorted(one.key for one in said if one.ended and one.run) == ["a", "b", "c", "d"]


def test_workers_that_were_killed_before_there_was_anything_to_do_are_replaced(monkeypatch):
    monkeypatch.setattr(crews, "MODULE", ("-c", HASTY))
    waiting, said = ["a", "b"], []
    with open_worker_pool(2, 1) as pool:
        for one in pool.workers:
            one.process.kill()
            one.process.wait()
        pool.check = in_time()
        pool.open(WorkerSettings("", "cpu", 1, ()))

        def take(found):
            said.append(found)
            if found.died:
                waiting.append(found.key)

        run_jobs(pool, lambda: (waiting[0], Job({}, waiting.pop(0), 1)) if waiting else None, take)
    assert sorted(one.key for one in said if one.run) == ["a", "b"]


def test_whatever_ends_the_work_no_process_is_left(monkeypatch):
    monkeypatch.setattr(crews, "MODULE", ("-c", "import time\ntime.sleep(600)"))

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), open_worker_pool(3, 1) as pool:
        processes = [one.process for one in pool.workers]
        pool.check = stop
        run_jobs(pool, lambda: None, lambda found: None)
    assert [one.returncode for one in processes] == [-9] * 3


def test_each_worker_has_the_threads_it_is_to_have(monkeypatch):
    script = """
import json, os, sys
for number, line in enumerate(sys.stdin):
    if number:
        print(json.dumps({"run": os.environ["OMP_NUM_THREADS"]}), flush=True)
"""
    monkeypatch.setattr(crews, "MODULE", ("-c", script))
    said = []
    waiting = [1]
    with open_worker_pool(1, 3) as pool:
        pool.check = in_time()
        pool.open(WorkerSettings("", "cpu", 3, ()))
        run_jobs(pool, lambda: (waiting[0], Job({}, str(waiting.pop()), 1)) if waiting else None, said.append)
    assert said[0].run == "3"
