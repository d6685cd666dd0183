"""Trains a trial to the end of an epoch, and says what came of it; the test part is not read."""

import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch

from luthier.build import Prepared, prepare
from luthier.core.errors import BadInput, Diverged, ran_out_of_memory
from luthier.data import Dataset
from luthier.engine import TrainState
from luthier.models.inspect import inspect
from luthier.recipe import Recipe
from luthier.run import Paths, practise
from luthier.run.history import Row
from luthier.tune.trial import Ended, Outcome

PARAMETERS, FLOPS, LATENCY = "parameters", "flops", "latency"
COSTS = (PARAMETERS, FLOPS, LATENCY)
"""What a second objective may be; the latency is in milliseconds for one example."""
WARM, TIMED = 5, 30

Told = Callable[[int, float], None]
"""Is told the epoch and its score as soon as it is there."""


def practised(
    recipe: Recipe, dataset: Dataset, directory: Path, epochs: int, device: torch.device, costs: Sequence[str], told: Told
) -> Outcome:
    """Train a trial to the end of an epoch, from its last checkpoint where there is one.

    costs: what is to be known of the network beside its number of parameters. told: is told of every epoch.
    """
    began, watch = time.monotonic(), Watch(recipe.training.monitor, told)
    found: dict[str, float] = {}
    per_step = 0.0
    try:
        prepared = prepare(recipe, dataset, device)
        a = prepared.assembly
        per_step = a.sampler.length(len(a.training.examples)) / a.steps_per_epoch
        found = {PARAMETERS: sum(one.numel() for one in a.network.parameters())}
        state = practise(prepared, directory, epochs, watch)
        ended: Ended = "paused" if state.epoch < recipe.training.epochs and not state.stopped else "finished"
        why = None
        found |= _measured(prepared, costs)
    except Diverged as error:
        ended, why = "diverged", str(error)
    except BadInput as error:
        ended, why = "failed", str(error)
    except Exception as error:
        if not ran_out_of_memory(error):
            raise
        ended, why = "failed", "memory ran out; lower the upper end of the batch size or of the network's size"
    scores = scores_of(directory, recipe.training.monitor)
    if ended in ("paused", "finished") and not scores:
        ended, why = "diverged", f"{recipe.training.monitor} was no finite number"
    seconds = round(time.monotonic() - began, 3)
    return Outcome(scores, ended, seconds, round(watch.steps * per_step), torch.get_num_threads(), found, why)


class Watch:
    """Counts the examples that were trained on, and tells of epochs."""

    def __init__(self, metric: str, told: Told) -> None:
        self.metric, self.told, self.steps = metric, told, 0

    def __call__(self, state: TrainState, rows: list[Row]) -> None:
        self.steps += 1
        for row in rows:
            if row["kind"] == "validation" and row[self.metric] is not None:
                self.told(row["epoch"], row[self.metric])


def scores_of(directory: Path, metric: str) -> dict[int, float]:
    """The metric on the validation part after each epoch that a history tells of."""
    path = Paths(directory).history
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []
    return {row["epoch"]: row[metric] for row in rows if row["kind"] == "validation" and row[metric] is not None}


def _measured(prepared: Prepared, costs: Sequence[str]) -> Mapping[str, float]:
    found = {}
    if FLOPS in costs:
        found[FLOPS] = float(inspect(prepared.assembly.network, prepared.shape)["flops"])
    if LATENCY in costs:
        found[LATENCY] = _latency(prepared)
    return found


def _latency(prepared: Prepared) -> float:
    """Median milliseconds that one example takes."""
    a = prepared.assembly
    one = a.training.examples.batch(torch.zeros(1, dtype=torch.int64, device=a.device)).inputs
    network, times = a.network.eval(), []
    with torch.inference_mode():
        for _ in range(WARM + TIMED):
            began = time.perf_counter()
            network(one)
            times.append(time.perf_counter() - began)
    return round(1000 * statistics.median(times[WARM:]), 4)
