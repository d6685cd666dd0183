"""The command in processes of its own, which tests may kill."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

MARK = "LUTHIER_TEST_MARK"
TIMES = ("seconds", "worker_seconds", "examples_per_second", "seconds_by_phase")
PATIENCE = 120


def started(*arguments: object, mark: str) -> "subprocess.Popen[str]":
    """Luthier in a group of its own; what it starts carries a mark, by which it is found again."""
    command = [sys.executable, "-m", "luthier", *map(str, arguments)]
    pipe, env = subprocess.PIPE, {**os.environ, MARK: mark}
    return subprocess.Popen(command, env=env, stdout=pipe, stderr=pipe, text=True, start_new_session=True)


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
