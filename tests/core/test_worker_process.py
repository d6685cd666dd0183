"""One process and what it is told: whole lines, its end, its last words, and that it never outlives its parent."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from luthier.core.worker_process import SOURCE, WorkerProcess

PATIENCE = 20.0
ECHO = """
from luthier.core.worker_process import serve_messages
def serve(receive, send):
    while True:
        send(receive())
serve_messages(serve)
"""


@pytest.fixture
def start(tmp_path):
    """Start a script as a child; it is ended after the test."""
    started: list[WorkerProcess] = []

    def run(script: str, threads: int | None = None) -> WorkerProcess:
        started.append(WorkerProcess(("-c", script), tmp_path / f"{len(started)}.log", threads))
        return started[-1]

    yield run
    for worker in started:
        worker.end()


def receive_all(worker: WorkerProcess, count: int) -> list:
    """So many messages, however they come."""
    found: list = []
    while len(found) < count:
        messages = worker.receive()
        assert messages is not None, worker.last_words()
        found += messages
    return found


def alive(process: int) -> bool:
    """Whether a process is there and no mere name of a dead one."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(what) -> None:
    limit = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_messages_come_back_whole(start):
    worker = start(ECHO)
    sent = [{"name": "ä\n"}, [1, None], "x" * 200_000, 0.1]
    for message in sent:
        worker.send(message)
    assert receive_all(worker, 4) == sent


def test_lines_in_pieces_and_lines_at_once(start):
    pieces = (
        "import sys, time\nfor one in '[1]\\n[2]\\n':\n sys.stdout.write(one); sys.stdout.flush(); time.sleep(0.02)"
    )
    assert receive_all(start(pieces), 2) == [[1], [2]]
    worker = start("import os, time; os.write(1, b'[1]\\n[2]\\n[3]\\n'); time.sleep(600)")
    assert worker.receive() == [[1], [2], [3]]


def test_what_a_library_prints_is_no_message(start, tmp_path):
    worker = start(
        ECHO.replace("    while", "    import os\n    print('said')\n    os.write(1, b'{no json}')\n    while")
    )
    worker.send("hello")
    assert receive_all(worker, 1) == ["hello"]
    worker.end()
    assert "{no json}" in (tmp_path / "0.log").read_text()


def test_signals_are_left_to_the_parent(start):
    worker = start(ECHO)
    worker.send(1)
    assert receive_all(worker, 1) == [1]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        worker.process.send_signal(number)
    worker.send(2)
    assert receive_all(worker, 1) == [2]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("import sys; print('first\\nlast', file=sys.stderr); sys.exit(3)", "status 3; it said: last"),
        ("import os; os.kill(os.getpid(), 9)", "status -9"),
        ("raise KeyError('a bug')", "status 1; it said: KeyError: 'a bug'"),
    ],
)
def test_a_dead_child_says_nothing_and_its_last_words_are_known(start, script, words):
    worker = start(script)
    while (messages := worker.receive()) is not None:
        assert messages == []
    assert worker.last_words() == words
    worker.send("whether it is there or not")


def test_threads_and_source_are_set(start, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/some/where")
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PYTHONPATH")
    script = f"import json, os; print(json.dumps([os.environ.get(name) for name in {names}]))"
    assert receive_all(start(script, 3), 1) == [["3", "3", "3", f"{SOURCE}{os.pathsep}/some/where"]]
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert receive_all(start(script), 1)[0][0] == "5"


SAVES = """
import sys, time
from luthier.core.signals import catch_signals
from luthier.core.worker_process import serve_messages
def serve(receive, send):
    with catch_signals() as signals:
        send("at work")
        while not signals.number:
            time.sleep(0.01)
        print("saved", signals.number, file=sys.stderr, flush=True)
    send("saved")
    {then}
serve_messages(serve)
"""


@pytest.mark.parametrize("then", ["return", "receive()"])
def test_a_child_that_is_stopped_saves_and_leaves(start, then):
    worker = start(SAVES.format(then=then))
    assert receive_all(worker, 1) == ["at work"]
    worker.stop()
    assert receive_all(worker, 1) == ["saved"]
    worker.wait(PATIENCE)
    assert worker.process.returncode == 0 and worker.last_words().endswith(f"saved {signal.SIGTERM.value}")


def test_a_child_that_has_nothing_to_save_leaves_at_once(start):
    worker = start(ECHO)
    worker.stop()
    worker.wait(PATIENCE)
    assert worker.process.returncode == 0


def test_to_wait_has_an_end(start):
    worker = start("import time; time.sleep(600)")
    began = time.monotonic()
    worker.wait(0.2)
    assert time.monotonic() - began < PATIENCE and worker.process.returncode is None


PARENT = """
import os, sys
from pathlib import Path
from luthier.core.worker_process import WorkerProcess
worker = WorkerProcess(("-c", sys.argv[1]), Path(sys.argv[2]))
print(worker.process.pid, flush=True)
worker.send("begin")
worker.receive()
os.kill(os.getpid(), 9)
"""
BUSY = ECHO.replace("send(receive())", "send(receive())\n        while True: pass")


@contextmanager
def killed_parent(folder: Path, script: str):
    """The number of a child whose parent was killed."""
    command = [sys.executable, "-c", PARENT, script, str(folder / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        yield int(parent.stdout.readline())


@pytest.mark.parametrize("script", [ECHO, BUSY], ids=["waiting", "busy"])
def test_a_child_ends_with_its_parent_whatever_it_is_doing(tmp_path, script):
    with killed_parent(tmp_path, script) as child:
        wait_for(lambda: not alive(child))


def test_a_child_that_is_told_nothing_ends_and_says_nothing():
    done = subprocess.run(
        [sys.executable, "-c", ECHO], input="", text=True, capture_output=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_line_that_is_no_message_ends_the_child_with_a_fault(start):
    worker = start(ECHO)
    worker.input.write(b"{no json}\n")
    worker.input.flush()
    while worker.receive() is not None:
        pass
    assert worker.last_words().startswith("status 1; it said: json.decoder.JSONDecodeError: ")


def test_this_file_needs_little():
    code = "import sys, luthier.core.worker_process\nprint({'numpy', 'torch', 'pydantic', 'rich'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
