"""Loggers beside the run's own history: their contract, MLflow and TensorBoard."""

import hashlib
import os
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from luthier.core.errors import BadInput, LuthierWarning, raise_all, suggest_nearest
from luthier.core.lock import check_held
from luthier.core.secrets import hide_passwords
from luthier.recipe.recipe import Recipe
from luthier.recipe.values import flatten
from luthier.run.history import Row

LOGGERS = ("mlflow", "tensorboard")
"""Each is also the name of the package that it needs."""


APART = ("kind", "step", "epoch", "steps", "n")
"""Fields that identify a row; the others are its numbers."""


class Logger(Protocol):
    """Receives the numbers of a run."""

    def log(self, numbers: dict[str, float], step: int) -> None:
        """Record numbers by name as they are after a step."""

    def close(self, finished: bool) -> None:
        """Close the log of a training that has ended or was stopped."""


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
        f"log must name a logger, but got {name!r}; {suggest_nearest(name, LOGGERS)}"
        for name in names
        if name not in LOGGERS
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
        """Send the numbers of history rows."""
        for row in rows:
            self._log(flatten_row(row), row["step"])

    def result(self, result: dict[str, Any]) -> None:
        """Send the metrics of the test part."""
        self._log(flatten_row({"kind": "test", **result["test"]}), self.step)

    def close(self, finished: bool) -> None:
        """Close all open loggers."""
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
    try:
        return OPENERS[name](recipe, root)
    except Exception as error:
        raise BadInput(
            f"log {name} must be within reach, but is not ({_reason(error)}); see docs/history.md, or leave it out"
        ) from None


def _reason(error: Exception) -> str:
    return hide_passwords(f"{type(error).__name__}: {error}".splitlines()[0])


@contextmanager
def open_loggers(names: Sequence[str], recipe: Recipe, root: Path) -> Iterator[Logs]:
    """Keep loggers open for the length of a training."""
    logs, finished = Logs(names, recipe, root), False
    try:
        yield logs
        finished = True
    finally:
        logs.close(finished)


def flatten_row(row: Row) -> dict[str, float]:
    """Return the numbers of a row by name, without those that are undefined.

    >>> flatten_row({"kind": "train", "step": 3, "loss": 0.5, "health": {"body.1": {"gradient": 2.0, "dead": None}}})
    {'train/loss': 0.5, 'gradient/body.1': 2.0}
    """
    numbers = {f"{row['kind']}/{name}": value for name, value in row.items() if name not in APART}
    numbers |= {f"seconds/{phase}": value for phase, value in row.get("seconds_by_phase", {}).items()}
    for layer, figures in row.get("health", {}).items():
        numbers |= {f"{figure}/{layer or 'network'}": value for figure, value in figures.items()}
    return {name: float(value) for name, value in numbers.items() if isinstance(value, int | float)}


EXPERIMENT = "luthier"


TAG = "luthier.run"


NUMBERS, PARAMETERS = 1000, 100
"""What MLflow takes at once."""


class MLflow:
    """Sends numbers to the experiment that MLFLOW_EXPERIMENT_NAME names, by default `luthier`.

    A resumed run finds its run in MLflow again by a tag made of its directory's path.
    """

    def __init__(self, recipe: Recipe, root: Path) -> None:
        from mlflow import MlflowClient

        self.client = MlflowClient()
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
        existing = self.client.get_experiment_by_name(name)
        experiment = existing.experiment_id if existing else self.client.create_experiment(name)
        mark = hashlib.sha256(str(root.absolute()).encode()).hexdigest()
        earlier = self.client.search_runs([experiment], f"tags.`{TAG}` = '{mark}'", max_results=1)
        self.run: str = (earlier[0] if earlier else self._new(experiment, recipe, root, mark)).info.run_id
        self.client.update_run(self.run, status="RUNNING")

    def _new(self, experiment: str, recipe: Recipe, root: Path, mark: str) -> Any:
        from mlflow.entities import Param

        tags = {TAG: mark, "luthier.directory": str(root.absolute()), "luthier.recipe_hash": recipe.hash()}
        made = self.client.create_run(experiment, run_name=root.name, tags=tags)
        settings = [Param(name, str(value)) for name, value in flatten(recipe.dump()).items()]
        for start in range(0, len(settings), PARAMETERS):
            self.client.log_batch(made.info.run_id, params=settings[start : start + PARAMETERS])
        return made

    def log(self, numbers: dict[str, float], step: int) -> None:
        from mlflow.entities import Metric

        now = int(1000 * time.time())
        metrics = [Metric(name, value, now, step) for name, value in numbers.items()]
        for start in range(0, len(metrics), NUMBERS):
            self.client.log_batch(self.run, metrics=metrics[start : start + NUMBERS])

    def close(self, finished: bool) -> None:
        self.client.set_terminated(self.run, "FINISHED" if finished else "KILLED")


class TensorBoard:
    """Writes event files, from the first numbers on: until then the run's directory must stay empty."""

    def __init__(self, recipe: Recipe, root: Path) -> None:
        self.recipe, self.root, self.first = recipe, root, 0

    @cached_property
    def writer(self) -> Any:
        """The writer; what an earlier process wrote from the first step on is no longer shown."""
        from torch.utils.tensorboard import SummaryWriter

        check_held(self.root / TENSORBOARD / "events")
        writer = SummaryWriter(str(self.root / TENSORBOARD), purge_step=self.first)
        writer.add_text("recipe", f"```toml\n{self.recipe.to_toml()}```", self.first)
        return writer

    def log(self, numbers: dict[str, float], step: int) -> None:
        self.first = self.first or step
        for name, value in numbers.items():
            self.writer.add_scalar(name, value, step)

    def close(self, finished: bool) -> None:
        if self.first:
            self.writer.close()


OPENERS: dict[str, Open] = {"mlflow": MLflow, "tensorboard": TensorBoard}


TENSORBOARD = "tensorboard"
"""Folder with the event files."""


__all__ = ["LOGGERS", "Logs", "check_loggers", "flatten_row", "open_loggers"]
