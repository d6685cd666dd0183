"""Decode in several processes at once; one that dies or hangs is told with its picture, and none is left behind."""

import selectors
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

from luthier.core.console import on_terminal, print_stderr
from luthier.core.errors import BadInput
from luthier.core.worker_process import WorkerProcess, count_processors
from luthier.data.images.listing import Entry
from luthier.data.images.worker import Task

JOB_PICTURES, JOB_BYTES = 256, 1 << 20
"""A job ends at either: many small pictures, or few large ones."""


PATIENCE = 120
"""Seconds that one picture may take; the largest allowed takes a few."""


TICK = 1.0


MOST_CRASHES = 20
"""Pictures at which a process may crash; each costs the start of another."""


CRASHED = "must be readable, but ends the process that decodes it; replace it"


WORKER = ("-m", "luthier.data.images.worker")


class Row(NamedTuple):
    """What is known of a decoded picture. digest: SHA-256 of the file. side: the longer one as it was read."""

    digest: str
    key: str
    grey: bool
    several: bool
    side: int


class Job(NamedTuple):
    """Pictures that one process decodes. first: the number of the first of them."""

    first: int
    names: list[str]

    def without(self, picture: int) -> Iterator["Job"]:
        """Divide a job into those before and those behind the picture of a number."""
        place = picture - self.first
        for first, names in ((self.first, self.names[:place]), (picture + 1, self.names[place + 1 :])):
            if names:
                yield Job(first, names)


def decode_all(
    entries: Sequence[Entry], task: Task, place: Callable[[str], str], advance: Callable[[int], None]
) -> list[Row | str]:
    """Decode pictures into the file of the task, in their order; a picture's row, or what is wrong with it.

    place: where a picture lies, to be told. advance: is told how many more are done. A picture at which its process
    crashes is one that cannot be used, as long as there are few of them.
    Raises BadInput where a process ends otherwise, or a picture takes more than PATIENCE seconds.
    """
    rows: list[Row | str] = [""] * len(entries)
    jobs = deque(_jobs(entries))
    crashes = 0
    workers = list[DecodeWorker]()
    try:
        with selectors.DefaultSelector() as waiting:
            for number in range(min(count_processors(), len(jobs))):
                workers.append(_start(task, number, jobs, waiting))
            while waiting.get_map():
                for key, _ in waiting.select(TICK):
                    worker = key.data
                    found = worker.receive(place, crashes < MOST_CRASHES)
                    if found is None:
                        continue
                    if isinstance(found, int):  # the others of its job are decoded anew, by a process in its place
                        crashes += 1
                        rows[found] = CRASHED
                        jobs.extendleft(worker.job.without(found))
                        advance(1)
                        waiting.unregister(worker.process.output)
                        worker.process.end()
                        if jobs:
                            workers[worker.number] = _start(task, worker.number, jobs, waiting)
                        continue
                    rows[worker.job.first : worker.job.first + len(found)] = found
                    advance(len(found))
                    if jobs:
                        worker.give(jobs.popleft())
                    else:
                        waiting.unregister(worker.process.output)
                for key in list(waiting.get_map().values()):
                    key.data.watch(place)
    finally:
        for worker in workers:
            worker.process.end()
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


def _start(task: Task, number: int, jobs: deque[Job], waiting: selectors.BaseSelector) -> "DecodeWorker":
    """Start a worker with the next job."""
    worker = DecodeWorker(task, number)
    waiting.register(worker.process.output, selectors.EVENT_READ, worker)
    worker.give(jobs.popleft())
    return worker


@dataclass
class Sight:
    """The picture that a worker was last seen at, and when it got there."""

    number: int
    since: float


class DecodeWorker:
    """A process that decodes pictures, with one job at a time."""

    def __init__(self, task: Task, number: int) -> None:
        self.number = number
        self.at = Path(f"{task.at}-{number}")
        self.at.write_bytes(bytes(8))
        self.job, self.sight = Job(0, []), Sight(0, 0)
        self.process = WorkerProcess(WORKER, Path(f"{task.at}-{number}.log"))
        self.process.send(asdict(replace(task, at=str(self.at))))

    def give(self, job: Job) -> None:
        """Send the next job."""
        self.job, self.sight = job, Sight(-1, time.monotonic())
        self.process.send(job)

    def receive(self, place: Callable[[str], str], may_crash: bool) -> list[Row | str] | int | None:
        """Return what became of the job; None while only a part of it has come; the picture that it crashed at.

        may_crash: whether a crash is not yet one too many. Raises BadInput where the process has ended otherwise.
        """
        answers = self.process.receive()
        if answers is None and may_crash and self.process.has_crashed():
            return self._picture()
        if answers is None:
            raise BadInput(
                f"{self._name(place)} must be decoded, but the process that did so ended with "
                f"{self.process.last_words()}; free memory, or replace the picture"
            )
        return [one if isinstance(one, str) else Row(*one) for one in answers[0]] if answers else None

    def watch(self, place: Callable[[str], str]) -> None:
        """Raise BadInput where the worker has been at one picture for too long."""
        number = int.from_bytes(self.at.read_bytes())
        if number != self.sight.number:
            self.sight = Sight(number, time.monotonic())
        elif time.monotonic() - self.sight.since > PATIENCE:
            raise BadInput(
                f"{self._name(place)} must be decoded within {PATIENCE} seconds, but was not; replace the picture"
            )

    def _picture(self) -> int:
        """Return the number of the picture that the process is at, which may not have noted the first of its job."""
        last = self.job.first + len(self.job.names) - 1
        return min(max(self.job.first, int.from_bytes(self.at.read_bytes())), last)

    def _name(self, place: Callable[[str], str]) -> str:
        return place(self.job.names[self._picture() - self.job.first])


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
