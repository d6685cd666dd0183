"""The contract of a logger, and the loggers of a training taken together."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from luthier.core.errors import BadInput, LuthierWarning, nearest, raise_all
from luthier.recipe import Recipe
from luthier.run.history import Row

LOGGERS = ("mlflow", "tensorboard")
"""Each is a file here with a function `open_logger`, and the name of the package that it needs."""
APART = ("kind", "step", "epoch", "steps", "n")
"""What a row says of itself; the rest is what it found."""


class Logger(Protocol):
    """What is sent the numbers of a run."""

    def log(self, numbers: dict[str, float], step: int) -> None:
        """Take numbers by name as they are after a step."""

    def close(self, finished: bool) -> None:
        """The training has come to its end, or was stopped."""


Open = Callable[[Recipe, Path], Logger]
"""Makes a logger from the recipe and the directory that the run will have; writes nothing there yet."""


def check_loggers(names: Sequence[str]) -> None:
    """Raise BadInput for a logger that does not exist, or whose package is not installed.

    >>> check_loggers(["csv"])
    Traceback (most recent call last):
    luthier.core.errors.BadInput: log must name a logger, but got 'csv'; known: mlflow, tensorboard
    """
    if isinstance(names, str):
        raise BadInput(f"log must be a list of names, but got {names!r}; write log=[{names!r}]")
    raise_all(
        f"log must name a logger, but got {name!r}; {nearest(name, LOGGERS)}" for name in names if name not in LOGGERS
    )
    raise_all(
        f"log {name} needs the package {name}, but it is not installed; install it with: pip install 'luthier[{name}]'"
        for name in names
        if find_spec(name) is None
    )


class Logs:
    """The loggers of one training.

    A logger that fails on the way is left with a warning: history.jsonl holds everything, and training is worth more.
    """

    def __init__(self, names: Sequence[str], recipe: Recipe, root: Path) -> None:
        self.open = {name: _open(name, recipe, root) for name in names}
        self.step = 0

    def rows(self, rows: Sequence[Row]) -> None:
        """Send what rows of the history found."""
        for row in rows:
            self._log(scalars(row), row["step"])

    def result(self, result: dict[str, Any]) -> None:
        """Send what the test part came to."""
        self._log(scalars({"kind": "test", **result["test"]}), self.step)

    def close(self, finished: bool) -> None:
        """Close all that are open."""
        for name in list(self.open):
            self._try(name, lambda one: one.close(finished))

    def _log(self, numbers: dict[str, float], step: int) -> None:
        self.step = step
        for name in list(self.open):
            self._try(name, lambda one: one.log(numbers, step))

    def _try(self, name: str, do: Callable[[Logger], None]) -> None:
        try:
            do(self.open[name])
        except Exception as error:  # whatever a server or a package that is not ours may do
            del self.open[name]
            warnings.warn(
                f"logging to {name} has ended ({_reason(error)}); training goes on, and history.jsonl holds all rows",
                LuthierWarning,
                stacklevel=2,
            )


def _open(name: str, recipe: Recipe, root: Path) -> Logger:
    open_logger: Open = import_module(f"luthier.logs.{name}").open_logger
    try:
        return open_logger(recipe, root)
    except Exception as error:
        raise BadInput(
            f"log {name} must be within reach, but is not ({_reason(error)}); see docs/history.md, or leave it out"
        ) from None


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]


@contextmanager
def open_loggers(names: Sequence[str], recipe: Recipe, root: Path) -> Iterator[Logs]:
    """Keep loggers open for the length of a training."""
    logs, finished = Logs(names, recipe, root), False
    try:
        yield logs
        finished = True
    finally:
        logs.close(finished)


def scalars(row: Row) -> dict[str, float]:
    """The numbers of a row by name, what is undefined left out.

    >>> scalars({"kind": "train", "step": 3, "loss": 0.5, "health": {"body.1": {"gradient": 2.0, "dead": None}}})
    {'train/loss': 0.5, 'gradient/body.1': 2.0}
    """
    found = {f"{row['kind']}/{name}": value for name, value in row.items() if name not in APART}
    found |= {f"seconds/{phase}": value for phase, value in row.get("seconds_by_phase", {}).items()}
    for layer, figures in row.get("health", {}).items():
        found |= {f"{figure}/{layer or 'network'}": value for figure, value in figures.items()}
    return {name: float(value) for name, value in found.items() if isinstance(value, int | float)}
