"""The test's side of the fork server."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .power import Trace, read_trace

FOLDER = Path(__file__).parent.parent
ALONE = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}


@dataclass(frozen=True)
class Outcome:
    """How a child ended.

    status: exit status, or minus the number of the signal that ended it. count: changes to the disk.
    problems: what fsck finds wrong with the run at its end. steps: how many it trained.
    seconds: how long the call took. others: exit statuses of the processes that did the same at the same time.
    """

    status: int
    error: str | None = None
    message: str = ""
    warnings: list[str] = field(default_factory=list)
    count: int = 0
    problems: list[str] = field(default_factory=list)
    steps: int = 0
    seconds: float = 0.0
    others: list[int] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether the run ended well, nothing to be said about it."""
        return self.status == 0 and not self.warnings and not self.problems


class Server:
    """Does each job in a child of its own, one after the other."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "rig.server"]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=FOLDER, env=ALONE, stdin=pipe, stdout=pipe, text=True)

    def train(self, root: Path, **job: Any) -> Outcome:
        """Begin a run, or go on with it; see `jobs.train` for what else may be asked."""
        assert self.process.stdin and self.process.stdout
        print(json.dumps({"root": str(root), **job}), file=self.process.stdin, flush=True)
        return Outcome(**json.loads(self.process.stdout.readline()))

    def traced(self, root: Path, **job: Any) -> Trace:
        """Train without a fault and return all changes to the disk, in order."""
        log = root.parent.with_suffix(".log.json")
        root.parent.mkdir(exist_ok=True)
        outcome = self.train(root, log=str(log), **job)
        assert outcome.is_clean, outcome
        return read_trace(log)

    def close(self) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


@contextmanager
def alone(root: Path, **job: Any) -> Iterator["subprocess.Popen[str]"]:
    """A real process, not a fork, that does one job; its lines come on its standard output."""
    command = [sys.executable, "-m", "rig.jobs", json.dumps({"root": str(root), **job})]
    with subprocess.Popen(command, cwd=FOLDER, env=ALONE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()
