"""Runs a prepared training in a directory, with progress and loggers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from torch import nn

from luthier.build import Prepared
from luthier.engine import TrainState
from luthier.logs import Logs, open_loggers
from luthier.progress import progress_bar
from luthier.run import Run, begin, proceed
from luthier.run.history import Row
from luthier.run.write import Watch


def start_run(prepared: Prepared, root: Path, module: nn.Module | None, quiet: bool, log: Sequence[str] = ()) -> Run:
    """Train in a new directory. module: the user's own network. quiet: no progress. log: names of loggers."""
    with _watch_run(prepared, root, quiet, log) as (watch, logs):
        logs.result(begin(prepared, root, watch))
    return Run(root, module, prepared.recipe.own_classes())


def resume_run(prepared: Prepared, root: Path, module: nn.Module | None, quiet: bool, log: Sequence[str] = ()) -> Run:
    """Go on in a directory from its last good checkpoint; the arguments are those of `start_run`."""
    with _watch_run(prepared, root, quiet, log) as (watch, logs):
        logs.result(proceed(prepared, root, watch))
    return Run(root, module, prepared.recipe.own_classes())


@contextmanager
def _watch_run(prepared: Prepared, root: Path, quiet: bool, log: Sequence[str]) -> Iterator[tuple[Watch, Logs]]:
    """Give what is to be called after every step, and the loggers that wait for the result."""
    with open_loggers(log, prepared.recipe, root) as logs, progress_bar(prepared, quiet) as progress:

        def watch(state: TrainState, rows: list[Row]) -> None:
            progress(state, rows)
            logs.rows(rows)

        yield watch, logs
