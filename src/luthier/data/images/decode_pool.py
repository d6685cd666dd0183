"""Decode in several processes at once; one that dies or hangs is told with its picture, and none is left behind."""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from luthier.core.console import on_terminal, print_stderr
from luthier.core.errors import BadInput
from luthier.core.worker_process import processors
from luthier.data.images.listing import Entry
from luthier.data.images.worker import Task

JOB_PICTURES, JOB_BYTES = 256, 1 << 20
"""A job ends at either: many small pictures, or few large ones."""


PATIENCE = 120
"""Seconds that one picture may take; the largest allowed takes a few."""


TICK = 1.0


WORKER = ("-m", "luthier.data.images.worker")


SOURCE = str(Path(__file__).resolve().parents[3])
"""Where this package lies, wherever the caller found it."""


class Row(NamedTuple):
    """What is known of a decoded picture. digest: SHA-256 of the file. side: the longer one as it was read."""

    digest: str
    key: str
    grey: bool
    several: bool
    side: int


class Job(NamedTuple):
    first: int
    names: list[str]


def decode_all(
    entries: Sequence[Entry], task: Task, place: Callable[[str], str], advance: Callable[[int], None]
) -> list[Row | str]:
    """Decode pictures into the file of the task, in their order; a picture's row, or what is wrong with it.

    place: where a picture lies, to be told. advance: is told how many more are done.
    Raises BadInput where a picture ends its process or takes more than PATIENCE seconds.
    """
    rows: list[Row | str] = [""] * len(entries)
    jobs = _jobs(entries)
    workers: list[Worker] = []
    try:
        for number in range(min(processors(), sum(1 for _ in _jobs(entries)))):
            workers.append(Worker(task, number))
        with selectors.DefaultSelector() as waiting:
            for worker in workers:
                waiting.register(worker.answers, selectors.EVENT_READ, worker)
                worker.give(next(jobs))
            while waiting.get_map():
                for key, _ in waiting.select(TICK):
                    worker = key.data
                    first, found = worker.job.first, worker.take(place)
                    rows[first : first + len(found)] = found
                    advance(len(found))
                    if (job := next(jobs, None)) is None:
                        waiting.unregister(worker.answers)
                    else:
                        worker.give(job)
                for key in list(waiting.get_map().values()):
                    key.data.watch(place)
    finally:
        for worker in workers:
            worker.end()
    return rows


def _jobs(entries: Sequence[Entry]) -> Iterator[Job]:
    names: list[str] = []
    first = held = 0
    for number, entry in enumerate(entries):
        names.append(entry.name)
        held += entry.size
        if len(names) == JOB_PICTURES or held >= JOB_BYTES:
            yield Job(first, names)
            names, first, held = [], number + 1, 0
    if names:
        yield Job(first, names)


@dataclass
class Sight:
    """The picture that a worker was last seen at, and when it got there."""

    number: int
    since: float


class Worker:
    """One process, which has one job at a time."""

    def __init__(self, task: Task, number: int) -> None:
        self.at = Path(f"{task.at}-{number}")
        self.at.write_bytes(bytes(8))
        self.said = Path(f"{task.at}-{number}.log")
        self.job, self.sight = Job(0, []), Sight(0, 0)
        path = os.pathsep.join(filter(None, (SOURCE, os.environ.get("PYTHONPATH"))))
        with self.said.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", *WORKER],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env={**os.environ, "PYTHONPATH": path},
            )  # fmt: skip
        assert self.process.stdin and self.process.stdout
        self.questions, self.answers = self.process.stdin, self.process.stdout
        self._send(asdict(replace(task, at=str(self.at))))

    def give(self, job: Job) -> None:
        """Send the next job."""
        self.job, self.sight = job, Sight(-1, time.monotonic())
        self._send(job)

    def _send(self, value: Any) -> None:
        try:
            self.questions.write(json.dumps(value).encode() + b"\n")
            self.questions.flush()
        except BrokenPipeError:  # it is dead; what it says next is its end
            pass

    def take(self, place: Callable[[str], str]) -> list[Row | str]:
        """Receive what became of the job."""
        line = self.answers.readline()
        if not line.endswith(b"\n"):
            raise self._dead(place)
        return [one if isinstance(one, str) else Row(*one) for one in json.loads(line)]

    def _dead(self, place: Callable[[str], str]) -> BadInput:
        status = self.process.wait()
        last = self.said.read_text(errors="replace").strip().splitlines()[-1:]
        why = f"; it said: {last[0]}" if last else ""
        return BadInput(
            f"{self._picture(place)} must be decoded, but the process that did so ended with status {status}{why}; "
            "free memory, or replace the picture"
        )

    def watch(self, place: Callable[[str], str]) -> None:
        """Raise BadInput where the worker has been at one picture for too long."""
        number = int.from_bytes(self.at.read_bytes())
        if number != self.sight.number:
            self.sight = Sight(number, time.monotonic())
        elif time.monotonic() - self.sight.since > PATIENCE:
            raise BadInput(
                f"{self._picture(place)} must be decoded within {PATIENCE} seconds, but was not; replace the picture"
            )

    def _picture(self, place: Callable[[str], str]) -> str:
        behind = max(0, int.from_bytes(self.at.read_bytes()) - self.job.first)
        return place(self.job.names[min(behind, len(self.job.names) - 1)])

    def end(self) -> None:
        """Leave no process behind, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        self.answers.close()
        try:
            self.questions.close()
        except BrokenPipeError:
            pass


@contextmanager
def count_progress(what: str, total: int, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how many more are done: a bar on a terminal, one line elsewhere."""
    if quiet or not on_terminal():
        if not quiet:
            print_stderr(f"{what}: {total:,}")
        yield lambda more: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda more: bar.advance(task, more)
