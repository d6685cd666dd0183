"""Progress of a study on stderr: a live table on a terminal, plain lines elsewhere."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from luthier.core.console import duration, on_terminal, print_stderr
from luthier.study.tune.budget import FINAL, SEARCH, describe_plan, epochs_left, expected_epochs
from luthier.study.tune.stages import Plan
from luthier.study.tune.trial import Outcome, Trial, orient_score

WORDS = {"paused": "stopped"}


@dataclass(frozen=True)
class Running:
    """A training under way. before: epochs that it had when it began. score: the last one, None before the first."""

    name: str
    before: int
    epoch: int
    epochs: int
    score: float | None


@dataclass(frozen=True)
class ProgressState:
    """How a study stands.

    trials: begun so far, and asked for, None where time ends the search. ended: trials by what came of them. best: of
    the finished ones. seconds: since the study began; left: an estimate, None while there is nothing to go by.
    """

    stage: str
    trials: tuple[int, int | None]
    ended: Mapping[str, int]
    metric: str
    best: float | None
    running: Sequence[Running]
    seconds: float
    left: float | None


class Pace:
    """Seconds of an epoch while all workers train, since the first one ended: before it, workers only began."""

    def __init__(self) -> None:
        self.first = self.last = 0.0
        self.trained = -1

    def epoch(self, now: float) -> None:
        """An epoch has ended."""
        self.trained += 1
        self.first, self.last = self.first if self.trained else now, now

    @property
    def seconds(self) -> float | None:
        """None before the second epoch."""
        return (self.last - self.first) / self.trained if self.trained > 0 else None


Say = Callable[[str], None]


def _nothing(line: str) -> None:
    """Say nothing."""


class Progress:
    """Notes what happens, and says it a line at a time.

    workers: at once. spent: seconds that the study took before this process. told: where goes what went wrong.
    said: where goes all else. By default nothing is said.
    """

    def __init__(
        self, plan: Plan, workers: int = 1, spent: float = 0.0, told: Say = _nothing, said: Say = _nothing
    ) -> None:
        self.plan, self.workers, self.spent, self.tell, self.say = plan, workers, spent, told, said
        self.began = time.monotonic()
        self.stage, self.since, self.done = SEARCH, self.began, 0.0
        self.planned = expected_epochs(plan, workers)
        self.running: dict[str, Running] = {}
        self.trials: Sequence[Trial] = ()
        self.pace = Pace()
        self.left = 0

    def knows(self, trials: Sequence[Trial]) -> None:
        """These trials were given so far; the list grows as the search goes on."""
        self.trials = trials
        self.done = sum(max(one.last.scores, default=0) for one in trials if one.last)

    def begins(self, name: str, epochs: int, before: int = 0) -> None:
        """A training was given to a worker, to be brought to an epoch."""
        self.running[name] = Running(name, before, before, epochs, None)

    def heard(self, name: str, epoch: int, score: float) -> None:
        """A training has come to the end of an epoch."""
        self.pace.epoch(self._now())
        self.running[name] = replace(self.running[name], epoch=epoch, score=score)

    def lost(self, name: str, words: str) -> None:
        """The worker of a training died."""
        self.running.pop(name, None)
        self.tell(f"{name}: its worker died with {words}; another goes on with it")

    def ends(self, name: str, outcome: Outcome) -> None:
        """A trial was paused, or has come to its end."""
        self._over(name)
        score = outcome.scores[max(outcome.scores)] if outcome.scores else None
        best = self.best
        running = ", ".join(one.removeprefix("trial ") for one in self.running) or "none"
        self.say(
            f"{name}  epoch {max(outcome.scores, default=0)}/{self.plan.epochs}  "
            f"{self.plan.metric} {'-' if score is None else f'{score:.4f}'}  {outcome.ended}  {outcome.seconds:.1f} s  "
            f"best {'-' if best is None else f'{best:.4f}'}  running {running}  {self._now() - self.began:.0f} s in all"
        )

    def _over(self, name: str) -> None:
        one = self.running.pop(name, None)
        if one is not None:
            self.done += one.epochs - one.before

    def begins_stage(self, name: str, runs: int, done: int) -> None:
        """The runs after the search begin. done: of them, before."""
        self.stage, self.since, self.done, self.left = name, self._now(), 0.0, runs - done
        self.planned[name] = self.left * self.plan.epochs * (self.workers if name == FINAL else 1)
        if self.left:
            self.say(f"{name}: {self.left} {'run' if self.left == 1 else 'runs'}")

    def ran(self, name: str) -> None:
        """One of them is done."""
        self._over(name)
        self.left -= 1
        self.say(f"{name}  {self.left} left  {self._now() - self.began:.0f} s in all")

    def begins_last(self) -> None:
        """The run of what is kept was given to a worker, while others may still search."""
        self.begins(FINAL, self.plan.epochs)

    def last_ran(self) -> None:
        """It is done."""
        self.running.pop(FINAL, None)
        self.planned[FINAL] = 0
        self.say(f"{FINAL}  {self._now() - self.began:.0f} s in all")

    @property
    def best(self) -> float | None:
        """The best score of a trial that was trained to its end."""
        ended = [one.score for one in tuple(self.trials) if one.last is not None and one.last.ended == "finished"]
        return max(ended, key=lambda score: orient_score(score, self.plan.metric), default=None)

    @staticmethod
    def _now() -> float:
        return time.monotonic()

    def state(self) -> ProgressState:
        """How the study stands at this moment."""
        running, trials = tuple(self.running.values()), tuple(self.trials)
        names = {one.name for one in running}
        ended = [one.last.ended for one in trials if one.last is not None and f"trial {one.number}" not in names]
        return ProgressState(
            self.stage,
            (len(trials), self.plan.trials),
            Counter(WORDS.get(one, one) for one in ended),
            self.plan.metric,
            self.best,
            running,
            self.spent + self._now() - self.began,
            self._seconds_left(running),
        )

    def _seconds_left(self, running: Sequence[Running]) -> float | None:
        """From the epochs trained by this process so far; never longer than the time that there is."""
        budget = None if self.plan.minutes is None else 60 * self.plan.minutes - self.spent - self._now() + self.began
        if self.plan.trials is None and self.stage == SEARCH:
            return budget and max(0.0, budget)
        each = self.pace.seconds
        if each is None:
            return None
        now, done = self._now(), self.done + sum(one.epoch - one.before for one in running)
        epochs = epochs_left(self.stage, self.planned, done, sum(one.epochs - one.epoch for one in running))
        if self.stage == FINAL:  # which tells of no epochs
            seconds = each * epochs - (now - self.since) if running else 0.0
        else:
            seconds = each * epochs - min(now - self.pace.last, each)
        return max(0.0, seconds if budget is None else min(seconds, budget))


@contextmanager
def study_progress(plan: Plan, workers: int, spent: float, quiet: bool) -> Iterator[Progress]:
    """Say what is planned, and give the progress of a study.

    It is shown in place on a terminal, in lines elsewhere, and not at all where it is quiet.
    """
    said = _nothing if quiet else print_stderr
    for line in describe_plan(plan, workers):
        said(line)
    if quiet or not on_terminal():
        yield Progress(plan, workers, spent, said, said)
        return

    progress = Progress(plan, workers, spent, print_stderr, _nothing)
    with live_table(progress.state):
        yield progress


PER_SECOND = 2


ENDED = ("finished", "stopped", "diverged", "failed")


@contextmanager
def live_table(standing: Callable[[], ProgressState]) -> Iterator[None]:
    """Show how a study stands, in place on stderr, and ask for it anew twice a second; the last stays there."""
    console = Console(stderr=True)
    with Live(console=console, refresh_per_second=PER_SECOND, get_renderable=lambda: render_table(standing())):
        yield


def render_table(progress_state: ProgressState) -> RenderableType:
    """What has ended, over a row for each training under way, over the time."""
    return Group(Text(_ended(progress_state)), _running(progress_state), Text(_time(progress_state)))


def _ended(progress_state: ProgressState) -> str:
    begun, asked = progress_state.trials
    counts = [f"{progress_state.ended[name]} {name}" for name in ENDED if progress_state.ended.get(name)]
    best = "-" if progress_state.best is None else f"{progress_state.best:.4f}"
    trials = f"trial {begun}" if asked is None else f"trial {begun} of {asked}"
    return "  ".join((f"{progress_state.stage}:", trials, *counts, f"best {best}"))


def _running(progress_state: ProgressState) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)  # 80 columns must do
    for name in ("running", "epoch", progress_state.metric):
        table.add_column(name, no_wrap=True)
    for one in progress_state.running:
        table.add_row(one.name, f"{one.epoch}/{one.epochs}", "-" if one.score is None else f"{one.score:.4f}")
    return table


def _time(progress_state: ProgressState) -> str:
    if progress_state.left is None:
        return f"{duration(progress_state.seconds)} so far, left not known yet"
    rest = f", left about {duration(progress_state.left)}" if progress_state.left else ""
    return f"{duration(progress_state.seconds)} so far{rest}"
