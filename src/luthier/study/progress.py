"""Progress of a study on stderr: a live table of the jobs under way on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from luthier.core.console import format_duration, on_terminal, print_stderr, show_live

if TYPE_CHECKING:  # needed on a terminal alone
    from rich.console import RenderableType

PER_SECOND = 2
Say = Callable[[str], None]


def say_nothing(line: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class RunningJob:
    """A training under way.

    before: epochs that it had when it began. score: the last one, None before the first. weight: of one of its epochs,
    beside those of other jobs.
    """

    name: str
    before: int
    epoch: int
    epochs: int
    score: float | None
    weight: float = 1.0

    @property
    def done(self) -> float:
        """Weighted epochs since it began."""
        return (self.epoch - self.before) * self.weight

    @property
    def left(self) -> float:
        """Weighted epochs until it ends."""
        return (self.epochs - self.epoch) * self.weight


@dataclass(frozen=True)
class ProgressState:
    """How a study stands.

    headline: what has come to its end. metric: what jobs are scored by. seconds: since the study began. left: an
    estimate, None while there is nothing to go by.
    """

    headline: str
    metric: str
    running: Sequence[RunningJob]
    seconds: float
    left: float | None


class Pace:
    """Seconds of an epoch while all workers train, since the first one ended: before it, workers only began."""

    def __init__(self) -> None:
        self.first = self.last = self.trained = 0.0
        self.begun = False

    def count(self, now: float, weight: float) -> None:
        """Count an epoch that has ended."""
        if self.begun:
            self.trained += weight
        else:
            self.begun, self.first = True, now
        self.last = now

    @property
    def seconds(self) -> float | None:
        """None before the second epoch."""
        return (self.last - self.first) / self.trained if self.trained else None


class StudyProgress:
    """Notes what happens to the jobs of a study, and says it a line at a time.

    metric: what jobs are scored by. jobs: how many there are. epochs: weighted, of all of them.
    spent: seconds that the study took before this process. tell: where goes what went wrong. say: where goes all else.
    By default nothing is said.
    """

    def __init__(
        self, metric: str, jobs: int, epochs: float,
        *, spent: float = 0.0, tell: Say = say_nothing, say: Say = say_nothing,
    ) -> None:  # fmt: skip
        self.metric, self.jobs, self.epochs = metric, jobs, epochs
        self.spent, self.tell, self.say = spent, tell, say
        self.began = self.now()
        self.ended, self.done = 0, 0.0
        self.running: dict[str, RunningJob] = {}
        self.pace = Pace()

    @staticmethod
    def now() -> float:
        """Return the time on the monotonic clock."""
        return time.monotonic()

    @property
    def elapsed(self) -> str:
        """How long this process has been at it, in words."""
        return f"{self.now() - self.began:.0f} s in all"

    def begin(self, name: str, epochs: int, before: int = 0, weight: float = 1.0) -> None:
        """Note that a worker has got a job, to be brought to an epoch."""
        self.running[name] = RunningJob(name, before, before, epochs, None, weight)

    def report_epoch(self, name: str, epoch: int, score: float | None) -> None:
        """Note that a job has come to the end of an epoch."""
        job = self.running[name]
        self.pace.count(self.now(), job.weight)
        self.running[name] = replace(job, epoch=epoch, score=score)

    def lose(self, name: str, words: str) -> None:
        """Tell that the worker of a job died."""
        self.running.pop(name, None)
        self.tell(f"{name}: its worker died with {words}; another goes on with it")

    def end(self, name: str, words: str = "") -> None:
        """Note that a job has come to its end, and say so."""
        self.close(name)
        self.ended += 1
        self.say("  ".join(filter(None, (name, words, f"{self.jobs - self.ended} left", self.elapsed))))

    def close(self, name: str) -> None:
        """Count all epochs of a job as done."""
        job = self.running.pop(name, None)
        if job is not None:
            self.done += (job.epochs - job.before) * job.weight

    def state(self) -> ProgressState:
        """Return how the study stands at this moment."""
        running = tuple(self.running.values())
        seconds = self.spent + self.now() - self.began
        return ProgressState(self.headline(), self.metric, running, seconds, self.seconds_left(running))

    def headline(self) -> str:
        """Say how many jobs have come to their end."""
        return f"{self.ended} of {self.jobs} runs done"

    def seconds_left(self, running: Sequence[RunningJob]) -> float | None:
        """Estimate the time left from the epochs that this process has trained so far."""
        each = self.pace.seconds
        if each is None:
            return None
        epochs = max(self.epochs - self.done - sum(job.done for job in running), sum(job.left for job in running))
        return max(0.0, each * epochs - min(self.now() - self.pace.last, each))


AnyProgress = TypeVar("AnyProgress", bound=StudyProgress)


@contextmanager
def show_progress(make: Callable[[Say, Say], AnyProgress], quiet: bool) -> Iterator[AnyProgress]:
    """Give the progress of a study: in place on a terminal, in lines elsewhere, not at all where it is quiet.

    make: makes it from where goes what went wrong, and where goes all else.
    """
    if quiet:
        yield make(say_nothing, say_nothing)
    elif on_terminal():
        progress = make(print_stderr, say_nothing)
        with show_live(lambda: render(progress.state()), PER_SECOND):
            yield progress
    else:
        yield make(print_stderr, print_stderr)


def render(progress_state: ProgressState) -> "RenderableType":
    """Draw what has ended, over a row for each job under way, over the time."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)  # 80 columns must do
    for name in ("running", "epoch", progress_state.metric):
        table.add_column(name, no_wrap=True)
    for job in progress_state.running:
        table.add_row(job.name, f"{job.epoch}/{job.epochs}", "-" if job.score is None else f"{job.score:.4f}")
    return Group(Text(progress_state.headline), table, Text(_describe_time(progress_state)))


def _describe_time(progress_state: ProgressState) -> str:
    if progress_state.left is None:
        return f"{format_duration(progress_state.seconds)} so far, left not known yet"
    rest = f", left about {format_duration(progress_state.left)}" if progress_state.left else ""
    return f"{format_duration(progress_state.seconds)} so far{rest}"
