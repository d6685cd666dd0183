"""Trains a trial to the end of an epoch, and says what came of it; the test part is not read."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from luthier.core.errors import BadInput, Diverged, ran_out_of_memory
from luthier.core.files import make_directory
from luthier.core.lock import wait_for_lock
from luthier.data import Dataset
from luthier.models.inspect import inspect
from luthier.recipe.build import Prepared, prepare
from luthier.recipe.recipe import Recipe
from luthier.recipe.resolve import resolve
from luthier.run import RunPaths, train_epochs
from luthier.run.history import Row, read_rows
from luthier.study.tune.trial import Ended, Outcome
from luthier.training import TrainState, choose_final_network, evaluate
from luthier.training.evaluate import add_monitor

PARAMETERS, FLOPS, LATENCY = "parameters", "flops", "latency"


COSTS = (PARAMETERS, FLOPS, LATENCY)
"""What a second objective may be; the latency is in milliseconds for one example."""


WARM, TIMED = 5, 30


NO_MEMORY = "memory ran out; lower the upper end of the batch size, or of the size of the network"


OnEpoch = Callable[[int, float], None]
"""Is told an epoch and its score as soon as it is there."""


@dataclass(frozen=True)
class TrialRun:
    """A trial to be trained. directory: its own, where it may have been trained before. epochs: where to stop."""

    recipe: Recipe
    directory: Path
    epochs: int

    @property
    def metric(self) -> str:
        """What decides."""
        return self.recipe.training.monitor

    def scores(self) -> dict[int, float]:
        """Read the metric on the validation part after each epoch of the history."""
        rows = read_rows(RunPaths(self.directory).history)
        known = [row for row in rows if row["kind"] == "validation"]
        return {row["epoch"]: row[self.metric] for row in known if row.get(self.metric) is not None}


def train_trial(
    trial_run: TrialRun,
    dataset: Dataset,
    device: torch.device,
    costs: Sequence[str] = (),
    told: OnEpoch = lambda *_: None,
) -> Outcome:
    """Train a trial to the end of an epoch, from its last checkpoint where there is one.

    costs: what is to be known of the network beside its number of parameters. told: is told of every epoch.
    """
    began, watch = time.monotonic(), Watch(trial_run.metric, told)
    make_directory(trial_run.directory)
    found, last = dict[str, float](), dict[int, float]()
    try:
        with wait_for_lock(trial_run.directory, lambda _: None):
            pass  # the worker that had it before may not have died yet
        prepared = prepare(resolve(trial_run.recipe, dataset), dataset, device)
        watch.per_step = _examples_per_step(prepared)
        found = {PARAMETERS: sum(parameter.numel() for parameter in prepared.trainer.network.parameters())}
        state = train_epochs(prepared, trial_run.directory, trial_run.epochs, watch)
        ended, why = _read_ending(trial_run, state)
        if ended == "finished":
            last = _score_kept_network(trial_run, prepared, state)
        found |= _measure_costs(prepared, costs)
    except (BadInput, Diverged, MemoryError, RuntimeError) as error:
        ended, why = _read_fault(error)
    seconds = round(time.monotonic() - began, 3)
    scores = {**trial_run.scores(), **last}
    return Outcome(scores, ended, seconds, watch.examples, torch.get_num_threads(), found, why)


def _read_ending(trial_run: TrialRun, state: TrainState) -> tuple[Ended, str | None]:
    if state.epoch not in trial_run.scores():
        return "diverged", f"{trial_run.metric} was no finite number"
    return "finished" if state.stopped or state.epoch == trial_run.recipe.training.epochs else "paused", None


def _score_kept_network(trial_run: TrialRun, prepared: Prepared, state: TrainState) -> dict[int, float]:
    """Score the network that a run would keep, where tricks choose it, perhaps among earlier ones."""
    trainer = prepared.trainer
    if not trainer.hooks["eval_model"]:
        return {}
    found = add_monitor(
        evaluate(choose_final_network(trainer, state), trainer.validation, trainer.loss), trainer.loss, trial_run.metric
    )
    value = found[trial_run.metric]
    return {} if value is None else {state.epoch: value}


def _read_fault(error: Exception) -> tuple[Ended, str]:
    """Say what an error makes of a trial; what is a fault of Luthier is raised again."""
    if isinstance(error, Diverged):
        return "diverged", str(error)
    if isinstance(error, BadInput):
        return "failed", str(error)
    if ran_out_of_memory(error):
        return "failed", NO_MEMORY
    raise error


def _examples_per_step(prepared: Prepared) -> float:
    trainer = prepared.trainer
    return trainer.sampler.length(len(trainer.training.examples)) / trainer.steps_per_epoch


class Watch:
    """Counts the examples that a trial was trained on, and tells of epochs."""

    def __init__(self, metric: str, told: OnEpoch) -> None:
        self.metric, self.told = metric, told
        self.steps, self.per_step = 0, 0.0

    @property
    def examples(self) -> int:
        return round(self.steps * self.per_step)

    def __call__(self, state: TrainState, rows: list[Row]) -> None:
        self.steps = state.step
        for row in rows:
            if row["kind"] == "validation" and row[self.metric] is not None:
                self.told(row["epoch"], row[self.metric])


def _measure_costs(prepared: Prepared, costs: Sequence[str]) -> dict[str, float]:
    found = {}
    if FLOPS in costs:
        found[FLOPS] = float(inspect(prepared.trainer.network, prepared.shape)["flops"])
    if LATENCY in costs:
        found[LATENCY] = _measure_latency(prepared)
    return found


def _measure_latency(prepared: Prepared) -> float:
    """Measure the median milliseconds that one example takes."""
    trainer = prepared.trainer
    one = trainer.training.examples.batch(torch.zeros(1, dtype=torch.int64, device=trainer.device)).inputs
    network, times = trainer.network.eval(), list[float]()
    with torch.inference_mode():
        for _ in range(WARM + TIMED):
            began = time.perf_counter()
            network(one)
            times.append(time.perf_counter() - began)
    return round(1000 * statistics.median(times[WARM:]), 4)
