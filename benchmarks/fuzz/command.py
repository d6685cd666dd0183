"""The command line on damaged inputs: each command in a fork of this process, which holds the libraries already."""

import contextlib
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from readers import Input
from watch import MEMORY, SECONDS, Tally

from luthier.cli import main

FAST = ("--epochs", "1", "--quiet")


def run_commands(count: int, make: Callable[[int], Input], home: Path) -> Tally:
    """Run a command on each of so many inputs."""
    tally = Tally()
    for number in range(count):
        path = make(number).path
        command = choose_command(path, number, home)
        began = time.monotonic()
        status, memory, said = _fork(command, home / "said")
        seconds = time.monotonic() - began
        failure = _judge(status, memory, said)
        tally.slowest, tally.largest = max(tally.slowest, seconds), max(tally.largest, memory)
        tally.add(number, command[0], failure.split(":")[0] if failure else f"exit {status}", failure)
    return tally


def choose_command(path: Path, number: int, home: Path) -> list[str]:
    """Choose what to do with an input, by what it is."""
    out = ["--out", str(home / "out" / str(number))]
    if path.name == "run":
        return [("fsck", "report", "evaluate", "resume", "inspect")[number % 5], str(path)]
    if path.suffix == ".toml":
        return ["train", str(home / "whole/rows.npz"), "--recipe", str(path), *FAST, *out]
    if path.suffix in (".npz", ".npy", ".csv", ".parquet") and number % 3 == 0:
        run = "table" if path.suffix in (".csv", ".parquet") else "rows"
        return ["predict", str(home / f"whole/run-{run}"), str(path)]
    if path.suffix.lower() not in (".npz", ".csv", ".parquet", ".zip") and path.is_file():
        return ["predict", str(home / "whole/run-pictures"), str(path)]
    return ["check", str(path)] if number % 2 else ["train", str(path), *FAST, *out]


def _fork(command: list[str], said: Path) -> tuple[int | None, int, str]:
    """Run a command; return its status, None where it hangs, its memory, and all that it said."""
    child = os.fork()
    if not child:
        _work(command, said)
    end = time.monotonic() + SECONDS
    while True:
        known, status, usage = os.wait4(child, os.WNOHANG)
        if known:
            return os.waitstatus_to_exitcode(status), usage.ru_maxrss << 10, said.read_text(errors="replace")
        if time.monotonic() > end:
            os.killpg(child, signal.SIGKILL)
            os.wait4(child, 0)
            return None, 0, ""
        time.sleep(0.01)


def _work(command: list[str], said: Path) -> None:
    """Serve as the child: it never returns."""
    os.setsid()
    output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number in (1, 2):
        os.dup2(output, number)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    status = 70
    try:
        main(command)
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    os._exit(status)


def _judge(status: int | None, memory: int, said: str) -> str | None:
    if status is None:
        return "hang"
    if "Traceback (most recent call last)" in said:
        return f"traceback: {said.strip().splitlines()[-1][:160]}"
    if status not in (0, 1, 2):
        return f"status {status}: {said.strip()[-160:]}"
    return "memory" if memory > MEMORY else None
