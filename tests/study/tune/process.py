"""The command in processes of its own, which tests may kill."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

MARK = "LUTHIER_TEST_MARK"
TIMES = ("seconds", "worker_seconds", "examples_per_second", "seconds_by_phase")
PATIENCE = 120
ROOT = str(Path(__file__).parents[3])


def started(*arguments: object, mark: str) -> "subprocess.Popen[str]":
    """Luthier in a group of its own; what it starts carries a mark, by which it is found again."""
    command = [sys.executable, "-m", "luthier", *map(str, arguments)]
    pipe, env = subprocess.PIPE, {**os.environ, MARK: mark}
    return subprocess.Popen(command, env=env, stdout=pipe, stderr=pipe, text=True, start_new_session=True)


@contextmanager
def forked(*arguments: object, mark: str, errors: Path) -> Iterator[ForkServerProcess]:
    """Luthier likewise, forked from a process that has all modules: one to be killed need not import torch first.

    errors: the file that gets its stderr.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["luthier.cli.app", "luthier.api", "luthier.study.tune.api", "sklearn.datasets"])
    process = context.Process(target=_perform, args=(tuple(map(str, arguments)), mark, str(errors)))
    sys.path.append(ROOT)  # from which the child imports this file
    process.start()
    sys.path.remove(ROOT)
    while process.is_alive() and os.getpgid(process.pid) != process.pid:
        time.sleep(0.001)
    try:
        yield process
    finally:
        process.join()


def _perform(arguments: tuple[str, ...], mark: str, errors: str) -> None:
    from luthier.cli import main

    os.setsid()
    os.environ[MARK] = mark
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    main(list(arguments))


def marked(mark: str) -> list[int]:
    """The living processes with a mark."""
    wanted, found = f"{MARK}={mark}".encode(), []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in path.read_bytes().split(b"\0") and "\nState:\tZ" not in (path.parent / "status").read_text():
                found.append(int(path.parent.name))
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue
    return sorted(found)


def gone(mark: str) -> bool:
    """Wait until no process with a mark is left; whether that came to pass."""
    limit = time.monotonic() + PATIENCE
    while marked(mark):
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True


def kill(process: int) -> None:
    """Kill a process that may be dead already."""
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass


def timeless(value: Any, root: Path) -> Any:
    """A value without times, and with places told from the study's directory."""
    if isinstance(value, dict):
        return {key: timeless(one, root) for key, one in value.items() if key not in TIMES}
    if isinstance(value, list | tuple):
        return [timeless(one, root) for one in value]
    return value.replace(str(root), "") if isinstance(value, str) else value
