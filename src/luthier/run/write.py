"""Trains a recipe in a run directory, new or resumed, so that nothing is lost, whatever happens."""

import os
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from luthier.core.errors import BadInput, DamagedFile, Diverged, Interrupted, LuthierWarning
from luthier.core.files import make_directory, name_in_errors, write_atomic
from luthier.core.lock import hold_lock
from luthier.core.shape import check_shape, is_count, is_number, is_text, table_with
from luthier.core.signals import Caught, catch_signals
from luthier.recipe.build import Prepared
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import Recipe
from luthier.recipe.values import flatten
from luthier.run.directory import RunPaths, archive, is_unused
from luthier.run.history import DIVERGED, History, Row, check_begins
from luthier.run.loggers import Logs, open_loggers
from luthier.run.progress import Watch, progress_bar
from luthier.run.provenance import check_run_format, environment, note_session
from luthier.run.read import Run
from luthier.run.result import finish_run
from luthier.stats.metrics import Metrics
from luthier.training import TrainState, start, train
from luthier.training.checkpoint import Checkpoint, clean, newest, prune, restore, save

CHECKPOINT_EVERY = 1000


def begin(prepared: Prepared, root: Path, watch: Watch) -> Metrics:
    """Train a prepared recipe in a new directory; return the result that was written there.

    watch: called after every step with the state and the rows it brought.
    Raises BadInput where the directory cannot be used, Interrupted after a signal, Diverged where training does.
    """
    check_unused(root)
    make_directory(root)
    with name_in_errors(root), hold_lock(root), catch_signals() as signals:
        check_unused(root)
        clean(root)
        paths = RunPaths(root)
        _describe(prepared, paths)
        return Session(prepared, paths, start(prepared.trainer), History(paths.history), 0.0, signals).run(watch)


def check_unused(root: Path) -> None:
    """Raise BadInput where a new run cannot be written to a directory, because something is there."""
    if os.path.lexists(root) and not os.path.isdir(root):
        raise BadInput(f"the output directory must be a directory, but {root} is none; choose another with --out")
    if not is_unused(root):
        raise BadInput(
            f"the output directory must be new or empty, but {root} is not; "
            f"choose another with --out, or go on with: luthier resume {root}"
        )


def proceed(prepared: Prepared, root: Path, watch: Watch) -> Metrics:
    """Resume a run from its newest valid checkpoint, or from step 0 where there is none.

    Raises as `begin`, and DamagedFile or BadInput where the checkpoint is of another recipe or network.
    """
    with _open_session(prepared, root) as session:
        return session.run(watch)


def train_epochs(prepared: Prepared, root: Path, epochs: int, watch: Watch) -> TrainState:
    """Train a recipe, or resume it, to the end of an epoch; the test part is not read and there is no result.

    epochs: where to stop, at most those of the recipe, whose schedule stays what it is. watch: is called at the start
        too. Returns the state at the stop.
    Raises as `proceed`.
    """
    with _open_session(prepared, root) as session:
        session.each_epoch = False  # a trial is short, and there are many
        watch(session.state, [])
        session.train(watch, epochs)
        return session.state


@contextmanager
def _open_session(prepared: Prepared, root: Path) -> Iterator["Session"]:
    paths = RunPaths(root)
    make_directory(root)
    with name_in_errors(root), hold_lock(root), catch_signals() as signals:
        clean(root)
        clean(paths.checkpoints)
        check_run_format(paths.environment)
        checkpoint = _newest(paths, prepared.recipe)
        if checkpoint is None:
            state, history, seconds = start(prepared.trainer), History(paths.history), 0.0
        else:
            notes = checkpoint.body["notes"]
            warn_of_changes(notes["environment"])
            state = restore(checkpoint, prepared.trainer)
            _require_enough(prepared.recipe.training.epochs, state)
            prune(paths.checkpoints, checkpoint.path.stem)
            longer = prepared.recipe.training.epochs > notes["recipe"]["training"]["epochs"]
            state.stopped = state.stopped and not longer
            history, seconds = History(paths.history, notes["history"]["bytes"]), notes["seconds"]
        archive(paths)
        _describe(prepared, paths)
        yield Session(prepared, paths, state, history, seconds, signals)


def _require_enough(epochs: int, state: TrainState) -> None:
    begun = state.epoch + (state.order is not None)
    if epochs < begun:
        raise BadInput(f"epochs must be at least the {begun} that the run has begun, but got {epochs}; start a new run")


NOTES = {
    "history": table_with({"bytes": is_count, "sha256": is_text}),
    "seconds": is_number,
    "recipe": table_with({"training": table_with({"epochs": is_count})}),
    "environment": table_with({"torch": is_text, "threads": is_count, "processor": is_text}),
}
"""What a run notes in its checkpoints."""


def _newest(paths: RunPaths, recipe: Recipe) -> Checkpoint | None:
    """Find the newest checkpoint that is whole and has its history; warn of each newer one."""

    def check(checkpoint: Checkpoint) -> None:
        notes = checkpoint.body["notes"]
        check_shape(notes, NOTES, checkpoint.path, "the manifest of a run's checkpoint")
        check_same_recipe(notes["recipe"], recipe)
        check_begins(paths.history, notes["history"])

    checkpoint, problems = newest(paths.checkpoints, check)
    if checkpoint is None and problems:
        raise DamagedFile(
            f"no checkpoint of {paths.root} can be gone on with: {'; '.join(problems)}; start the run anew elsewhere"
        )
    for problem in problems:
        warnings.warn(f"{problem}; going on from an older checkpoint", LuthierWarning, stacklevel=3)
    return checkpoint


def _describe(prepared: Prepared, paths: RunPaths) -> None:
    """Write the resolved recipe and add this process to those that worked on the run."""
    write_atomic(paths.recipe, prepared.recipe.to_toml().encode())
    note_session(paths.environment)
    paths.checkpoints.mkdir(exist_ok=True)


@dataclass
class Session:
    """One process at work on a run.

    before: seconds that earlier processes spent on it. each_epoch: whether a checkpoint is written after every epoch,
    and not only after many steps and at the end.
    """

    prepared: Prepared
    paths: RunPaths
    state: TrainState
    history: History
    before: float
    signals: Caught
    each_epoch: bool = True

    def run(self, watch: Watch) -> Metrics:
        """Train to the end, writing history and checkpoints, then the result."""
        seconds = self.train(watch, self.prepared.recipe.training.epochs)
        return finish_run(self.prepared, self.paths, self.state, seconds)

    def train(self, watch: Watch, epochs: int) -> float:
        """Train to the end of an epoch, writing history and checkpoints; return the seconds of the whole run so far."""
        began = time.monotonic() - self.before
        if self.state.epoch < epochs:
            for found in self._steps():
                last = self.state.epoch == epochs or self.state.stopped
                self._note(found, round(time.monotonic() - began, 3), watch, last)
                if last:
                    break
        if self.signals.number:  # it came with the last save
            self._leave(self.signals.number)
        return time.monotonic() - began

    def _note(self, found: list[Row], seconds: float, watch: Watch, last: bool) -> None:
        """Record the rows of a step; save where it is time to, and leave after a signal."""
        rows = self._timed(found, seconds) if found else found
        if rows:
            self.history.append(rows)
        watch(self.state, rows)
        between_epochs, number = self.state.order is None, self.signals.number  # read once: it may come at any time
        if number or last or (between_epochs and self.each_epoch) or self.state.step % CHECKPOINT_EVERY == 0:
            self.save(seconds)
        if number:
            self._leave(number)

    def _steps(self) -> Iterator[list[Row]]:
        """Train, and where a number is not finite, end the history with a row that says so."""
        try:
            yield from train(self.prepared.trainer, self.state)
        except Diverged as error:
            self.history.append(
                [{"kind": DIVERGED, "step": self.state.step, "epoch": self.state.epoch, "message": str(error)}]
            )
            raise

    def _timed(self, rows: list[Row], seconds: float) -> list[Row]:
        """Add the time to rows: of the whole run so far, and by phase since the last row of training."""
        phases = {"train": {"seconds_by_phase": self.prepared.trainer.clock.read()}}
        return [{**row, "seconds": seconds, **phases.get(row["kind"], {})} for row in rows]

    def save(self, seconds: float) -> None:
        """Write a checkpoint, after the history that it counts on."""
        self.history.sync()
        notes: dict[str, Any] = {
            "history": self.history.mark(),
            "seconds": seconds,
            "recipe": self.prepared.recipe.dump(),
            "environment": environment(),
        }
        save(self.paths.checkpoints, self.prepared.trainer, self.state, notes)

    def _leave(self, number: int) -> None:
        root, step = self.paths.root, self.state.step
        raise Interrupted(number, f"interrupted at step {step}; the state is saved; go on with: luthier resume {root}")


def start_run(prepared: Prepared, root: Path, module: nn.Module | None, quiet: bool, log: Sequence[str] = ()) -> Run:
    """Train in a new directory. module: the user's own network. quiet: no progress. log: names of loggers."""
    with _watch_run(prepared, root, quiet, log) as (watch, logs):
        logs.result(begin(prepared, root, watch))
    return Run(root, module, prepared.recipe.own_classes())


def resume_run(prepared: Prepared, root: Path, module: nn.Module | None, quiet: bool, log: Sequence[str] = ()) -> Run:
    """Resume in a directory from its last good checkpoint; the arguments are those of `start_run`."""
    with _watch_run(prepared, root, quiet, log) as (watch, logs):
        logs.result(proceed(prepared, root, watch))
    return Run(root, module, prepared.recipe.own_classes())


@contextmanager
def _watch_run(prepared: Prepared, root: Path, quiet: bool, log: Sequence[str]) -> Iterator[tuple[Watch, Logs]]:
    """Yield the function to call after every step, and the loggers that wait for the result."""
    with open_loggers(log, prepared.recipe, root) as logs, progress_bar(prepared, quiet) as progress:

        def watch(state: TrainState, rows: list[Row]) -> None:
            progress(state, rows)
            logs.rows(rows)

        yield watch, logs


SHOWN = 10


FOUND = ("extra", "pseudo_labels", "source", "task", "unlabelled")
"""How the data are found, which the fingerprint makes good."""


def check_same_recipe(before: dict[str, Any], now: Recipe) -> None:
    """Refuse a checkpoint of another recipe, naming the first differences; the number of epochs may change."""
    differing = [line for key, line in list_differences(before, now).items() if key != "training.epochs"]
    if differing:
        shown = "; ".join(differing[:SHOWN])
        raise BadInput(f"a run must go on with its own recipe, but {shown}; restore recipe.toml or start a new run")


def list_differences(before: dict[str, Any], now: Recipe) -> dict[str, str]:
    """List by path what differs between a dumped recipe and one of today, except how the data were found."""
    old, new = flatten(_complete(before)), flatten(now.dump())
    keys = sorted((old.keys() | new.keys()) - {f"data.{name}" for name in FOUND})
    return {key: f"{key} was {old.get(key)!r}, is {new.get(key)!r}" for key in keys if old.get(key) != new.get(key)}


def _complete(before: dict[str, Any]) -> dict[str, Any]:
    """Fill in the defaults of settings that did not exist when a recipe was written."""
    try:
        return read_recipe(before).dump()
    except BadInput:  # parts of the user's own, which no name finds: they are compared as they were written
        return before


def warn_of_changes(before: dict[str, Any]) -> None:
    """Warn where versions, threads or processor changed, so that the last bits may differ from an uninterrupted run."""
    now = environment()
    changed = [
        f"{key} was {before[key]}, is {now[key]}"
        for key in ("torch", "threads", "processor")
        if before[key] != now[key]
    ]
    if changed:
        warnings.warn(
            f"the result may differ in its last bits from the uninterrupted run: {', '.join(changed)}",
            LuthierWarning,
            stacklevel=3,
        )
