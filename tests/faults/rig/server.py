"""A warm parent that forks a child for each job: a process to kill costs milliseconds instead of an import of torch.

Reads jobs as lines of JSON, answers each with a line of JSON. It never trains with more than one thread, as threads
do not survive a fork.
"""

import json
import os
import select
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from .jobs import perform

LIMIT = 60.0
"""Seconds after which a child counts as hanging."""


def main() -> None:
    """Serve until the pipe closes."""
    torch.set_num_threads(1)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory() as folder:
        run({"root": str(Path(folder) / "warm")})
        _warm(Path(folder))
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), file=answers, flush=True)


def _warm(folder: Path) -> None:
    """Train once, so that what is imported and made late is there before the forks."""
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    from luthier.run import begin

    from .world import prepared, recipe

    begin(prepared(recipe()), folder / "again", lambda state, rows: None)


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Do a job in a child, or in several at once; say how the first ended, and the exit statuses of the others.

    Signals that the job asks for are sent some seconds after the child says it is ready.
    """
    children = [_start(job) for _ in range(job.get("racers", 1))]
    first, *others = [_end(child, out, list(job.get("signals", []))) for child, out in children]
    return {**first, "others": [one["status"] for one in others]}


def _start(job: dict[str, Any]) -> tuple[int, int]:
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os._exit(perform(job, lambda line: _say(into, line)))
    os.close(into)
    return child, out


def _end(child: int, out: int, signals: list[list[float]]) -> dict[str, Any]:
    """status: exit status, or minus the number of the signal that ended the child."""
    lines = _listen(out, child, signals)
    os.close(out)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    told = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    return {"status": status, **told}


def _say(into: int, line: str) -> None:
    os.write(into, line.encode() + b"\n")


def _listen(out: int, child: int, signals: list[list[float]]) -> list[str]:
    """Collect what the child says until it ends; send it its signals meanwhile."""
    said, started, deadline = b"", 0.0, time.monotonic() + LIMIT
    while True:
        if not started and b"ready" in said:
            started = time.monotonic()
        now = time.monotonic()
        if now > deadline:
            os.kill(child, 9)
        due = started + signals[0][0] if started and signals else deadline + 1
        if now >= due:
            os.kill(child, int(signals.pop(0)[1]))
            continue
        if select.select([out], [], [], max(due - now, 0))[0]:
            part = os.read(out, 1 << 16)
            if not part:
                return said.decode().splitlines()
            said += part


if __name__ == "__main__":
    main()
