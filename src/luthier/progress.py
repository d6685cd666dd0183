"""Progress of a training: a live line on a terminal, plain lines elsewhere, on stderr."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from luthier.build import Prepared
from luthier.core.say import on_terminal, say
from luthier.engine import TrainState
from luthier.run.write import Watch

EVERY = 0.1


class Show(Protocol):
    """Where progress goes."""

    def __call__(self, done: int, epoch: int, facts: str, row_came: bool) -> None: ...


@contextmanager
def watching(prepared: Prepared, quiet: bool) -> Iterator[Watch]:
    """Give a watch for a training of this recipe."""
    if quiet:
        yield lambda state, rows: None
    elif on_terminal():
        with _live(prepared) as show:
            yield Progress(prepared, show)
    else:
        yield Progress(prepared, _plain(prepared))


class Progress:
    """Turns steps and rows into facts: loss, accuracy, speed, time left."""

    def __init__(self, prepared: Prepared, show: Show) -> None:
        a = prepared.assembly
        self.total = a.training.total
        self.epochs = a.training.epochs
        self.examples_per_step = a.sampler.length(len(a.training.examples)) / a.steps_per_epoch
        self.show = show
        self.began: tuple[float, int] | None = None
        self.last = 0.0
        self.known: dict[str, str] = {}

    def __call__(self, state: TrainState, rows: list[dict[str, Any]]) -> None:
        now = time.monotonic()
        if self.began is None:
            self.began = (now, state.step)
        for row in rows:
            self._learn(row)
        if rows or now - self.last > EVERY:
            self.last = now
            self.show(state.step, state.epoch, self._facts(state.step, now), bool(rows) and state.order is None)

    def _learn(self, row: dict[str, Any]) -> None:
        if row["kind"] == "train":
            self.known["loss"] = f"{row['loss']:.4f}"
        elif row["kind"] == "validation":
            name = "accuracy" if "accuracy" in row else "r2"
            self.known[f"validation {name}"] = "-" if row[name] is None else f"{row[name]:.4f}"

    def _facts(self, step: int, now: float) -> str:
        assert self.began is not None
        steps = step - self.began[1]
        known = [f"{name} {value}" for name, value in self.known.items()]
        if steps:
            rate = steps / max(now - self.began[0], 1e-9)
            known += [f"{rate * self.examples_per_step:,.0f} examples/s", f"{(self.total - step) / rate:.0f} s left"]
        return "  ".join(known)


def _plain(prepared: Prepared) -> Show:
    epochs = prepared.recipe.training.epochs

    def show(done: int, epoch: int, facts: str, row_came: bool) -> None:
        if row_came:
            say(f"epoch {epoch}/{epochs}  {facts}")

    return show


@contextmanager
def _live(prepared: Prepared) -> Iterator[Show]:
    from rich import progress
    from rich.console import Console

    epochs, total = prepared.recipe.training.epochs, prepared.assembly.training.total
    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TextColumn("{task.fields[facts]}"),
    )
    with progress.Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(f"epoch 0/{epochs}", total=total, facts="")

        def show(done: int, epoch: int, facts: str, row_came: bool) -> None:
            bar.update(task, completed=done, description=f"epoch {epoch}/{epochs}", facts=facts)

        yield show
