"""Progress of a training on stderr: a live table on a terminal, plain lines elsewhere."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from luthier.core.console import ASCII, BLOCKS, on_terminal, print_stderr, show_live, sparkline
from luthier.recipe.build import Prepared
from luthier.run.history import Row
from luthier.training import TrainState

if TYPE_CHECKING:  # needed on a terminal alone
    from rich.console import RenderableType

EVERY = 0.1
CURVE, BAR = 11, 40
PER_SECOND = 4
Watch = Callable[[TrainState, list[Row]], None]
UNITS = ("examples/s", "left")
"""Facts whose name follows the value in a line."""


@dataclass(frozen=True)
class ProgressState:
    """How far a training is.

    step, total: done and in all. epoch, epochs: likewise. ended: whether an epoch has just ended with a row.
    facts: what is known by now, by name. curve: what `curved` names, after each epoch.
    """

    step: int
    total: int
    epoch: int
    epochs: int
    ended: bool
    facts: Mapping[str, str]
    curved: str
    curve: Sequence[float]


Show = Callable[[ProgressState], None]
"""Where progress goes."""


@contextmanager
def progress_bar(prepared: Prepared, quiet: bool) -> Iterator[Watch]:
    """Yield a function that watches a training of this recipe and shows its progress."""
    if quiet:
        yield lambda state, rows: None
    elif on_terminal():
        with live_progress() as show:
            yield RunProgress(prepared, show)
    else:
        yield RunProgress(prepared, print_epoch)


def print_epoch(progress_state: ProgressState) -> None:
    """Print a line at the end of each epoch."""
    if progress_state.ended:
        facts = [
            f"{value} {name}" if name in UNITS else f"{name} {value}" for name, value in progress_state.facts.items()
        ]
        print_stderr("  ".join([f"epoch {progress_state.epoch}/{progress_state.epochs}", *facts]))


class RunProgress:
    """Turns steps and rows into facts: loss, accuracy, rate, speed, time left, and the curve of the metric."""

    def __init__(self, prepared: Prepared, show: Show) -> None:
        trainer = prepared.trainer
        self.total = trainer.training.total
        self.epochs = trainer.training.epochs
        self.examples_per_step = trainer.sampler.length(len(trainer.training.examples)) / trainer.steps_per_epoch
        self.monitor = trainer.monitor
        self.validates = len(trainer.validation) > 0
        self.show = show
        self.began: tuple[float, int] | None = None
        self.last = 0.0
        self.known: dict[str, str] = {}
        self.curved, self.curve = "loss", list[float]()

    def __call__(self, state: TrainState, rows: list[dict[str, Any]]) -> None:
        now = time.monotonic()
        if self.began is None:
            self.began = (now, state.step)
        ended = bool(rows) and state.order is None
        for row in rows:
            self._learn(row)
        if ended and not self.validates:
            self.curve.append(rows[-1]["loss"])
        if rows or now - self.last > EVERY:
            self.last = now
            self.show(self._state(state, now, ended))

    def _learn(self, row: dict[str, Any]) -> None:
        if row["kind"] == "train":
            self.known |= {"loss": f"{row['loss']:.4f}", "rate": f"{row['learning_rate']:.2g}"}
        if row["kind"] != "validation":
            return
        usual = "accuracy" if "accuracy" in row else "r2"
        for name in (usual, self.monitor):
            self.known[f"validation {name}"] = "-" if row[name] is None else f"{row[name]:.4f}"
        self.curved = f"validation {self.monitor}"
        if row[self.monitor] is not None:
            self.curve.append(row[self.monitor])

    def _state(self, state: TrainState, now: float, ended: bool) -> ProgressState:
        facts = {**self.known, **self._speed(state.step, now)}
        return ProgressState(
            state.step, self.total, state.epoch, self.epochs, ended, facts, self.curved, tuple(self.curve)
        )

    def _speed(self, step: int, now: float) -> dict[str, str]:
        """Compute examples per second and time left, of this process alone; nothing before its second step."""
        assert self.began is not None
        steps = step - self.began[1]
        if not steps:
            return {}
        rate = steps / max(now - self.began[0], 1e-9)
        return {"examples/s": f"{rate * self.examples_per_step:,.0f}", "left": f"{(self.total - step) / rate:.0f} s"}


@contextmanager
def live_progress() -> Iterator[Show]:
    """Yield a function that shows progress in place on stderr; what was shown last stays there."""
    from rich.console import Console

    levels = ASCII if Console(stderr=True).options.ascii_only else BLOCKS
    shown: deque[ProgressState] = deque(maxlen=1)
    with show_live(lambda: render(shown[-1], levels) if shown else "", PER_SECOND):
        yield shown.append


def render(progress_state: ProgressState, levels: str = BLOCKS) -> "RenderableType":
    """Make the table above the bar. levels: characters of the curve, from low to high."""
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    cells = {
        "epoch": f"{progress_state.epoch}/{progress_state.epochs}",
        **progress_state.facts,
        f"{progress_state.curved.split()[-1]}\nby epoch": sparkline(progress_state.curve, CURVE, levels),
    }
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)  # 80 columns must do
    for name in cells:
        table.add_column(name.replace("validation ", "validation\n"), no_wrap=True)
    table.add_row(*cells.values())
    return Group(table, ProgressBar(total=progress_state.total, completed=progress_state.step, width=BAR))
