"""The learning-rate finder: Smith, Cyclical learning rates for training neural networks, 2017."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from luthier.core.card import Card
from luthier.core.declare import hyperparameter
from luthier.core.errors import BadInput
from luthier.core.rng import fork_rng
from luthier.data import DataArguments, Task
from luthier.optim.schedules import Schedule
from luthier.recipe.build import Prepared, prepare
from luthier.recipe.resolve import Model, load_and_resolve
from luthier.recipe.values import RecipeLike
from luthier.study.tune.options import FEWEST_STEPS, RateOptions
from luthier.training import Trainer, start
from luthier.training.device import choose, plain_torch
from luthier.training.loop import draw_order
from luthier.training.step import train_step

LOW, HIGH, STEPS = RateOptions.low, RateOptions.high, RateOptions.steps
BURST = 4.0
"""The search ends where the loss is so many times the lowest so far, as in fast.ai's finder."""
WINDOW = 0.1
"""Share of the steps that one point of the smoothed curve is the mean of."""
RULE = "the rate at which the smoothed loss falls fastest, before it is lowest"
Watch = Callable[[int], object]


@dataclass(frozen=True)
class RateCurve:
    """Loss of a network while its learning rate rises by equal factors.

    rates: of each step. losses: before each step, on its batch. smoothed: means over neighbouring steps.
    suggestion: the rate at which the smoothed loss falls fastest, before it is lowest; None where it never falls.
    lowest: the rate at the lowest smoothed loss, an upper limit. burst: whether the loss burst before the last rate.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    suggestion: float | None
    lowest: float
    burst: bool

    def dump(self) -> dict[str, Any]:
        """Plain values, with the rule by which the suggestion was made."""
        return {**asdict(self), "rule": RULE}


class Ramp(Schedule):
    """From one rate to another by equal factors, whatever the length of the training."""

    name = "ramp"
    card = Card(
        summary="A rise by equal factors.",
        source="Smith, Cyclical learning rates for training neural networks, 2017, arXiv 1506.01186",
    )

    first: float = hyperparameter(1.0, description="factor at the first step")
    rise: float = hyperparameter(1.0, description="what it is multiplied by after each step")

    def curve(self, step: int, total: int, scores: Sequence[float]) -> float:
        return float(self.first * self.rise**step)


@plain_torch()
def find_learning_rate(
    data: Any,
    model: Model | None = None,
    *,
    recipe: RecipeLike = None,
    device: str = "auto",
    data_dir: Path | str | None = None,
    task: Task = "auto",
    low: float = LOW,
    high: float = HIGH,
    steps: int = STEPS,
    watch: Watch = lambda done: None,
    **overrides: Any,
) -> RateCurve:
    """Train a new network for some steps, the learning rate rising from low to high, and suggest a rate.

    The network is thrown away; a module of your own is copied, and the caller's random state stays. Augmentations and
    tricks are those of the recipe, its schedule is left out. Neither validation nor test part is read.

    data, model, recipe, device, data_dir, task, overrides: as for `luthier.train`.
    low, high, steps: as in `RateOptions`; far below the answer the loss does not move, far above it bursts, which ends
    the search.
    watch: called after each step with the number that are done.
    Raises BadInput where these or the recipe break a rule.

    >>> curve = find_learning_rate("digits", "mlp", steps=30, low=1e-5, high=0.1, device="cpu")
    >>> len(curve.rates), curve.rates[0], 1e-4 < curve.suggestion < 1
    (30, 1e-05, True)
    """
    RateOptions(low, high, steps).check()
    resolved, dataset = load_and_resolve(DataArguments(data, data_dir, task=task), model, recipe, overrides)
    prepared = prepare(resolved, dataset, choose(device), model if isinstance(model, nn.Module) else None)
    return rate_curve(prepared, low, high, steps, watch)


def rate_curve(
    prepared: Prepared, low: float = LOW, high: float = HIGH, steps: int = STEPS, watch: Watch = lambda done: None
) -> RateCurve:
    """Train what is prepared, which is not to be used after, at rising rates; the arguments are those of the finder.

    Raises BadInput where the learning rate of the recipe is 0, or the loss is no number from the start.
    """
    return _run_finder(_make_rising(prepared, low, high, steps), low, high, steps, watch)


def _make_rising(prepared: Prepared, low: float, high: float, steps: int) -> Trainer:
    """Return the trainer with a rate that rises, and with epochs enough for the steps."""
    trainer, base = prepared.trainer, prepared.recipe.optimizer.learning_rate
    if base == 0:
        raise BadInput("optimizer.learning_rate must be above 0 to be varied, but got 0; take it out of the recipe")
    ramp = Ramp(first=low / base, rise=(high / low) ** (1 / (steps - 1)))
    epochs = max(trainer.training.epochs, -(-steps // trainer.steps_per_epoch))
    training = replace(trainer.training, epochs=epochs, total=epochs * trainer.steps_per_epoch)
    return replace(trainer, training=training, schedule=ramp)


def _run_finder(trainer: Trainer, low: float, high: float, steps: int, watch: Watch) -> RateCurve:
    rates = np.geomspace(low, high, steps)
    losses: list[float] = []
    with fork_rng(trainer.device):
        run_state = start(trainer)
        while len(losses) < steps and not _has_burst(losses):
            run_state.order = draw_order(trainer, run_state) if run_state.order is None else run_state.order
            train_step(trainer, run_state)
            losses.append(float(run_state.pending.pop()[0]))
            if run_state.position == trainer.steps_per_epoch:
                run_state.epoch, run_state.position, run_state.order = run_state.epoch + 1, 0, None
            watch(len(losses))
    finite = list(takewhile(math.isfinite, losses))
    if len(finite) < 2:
        raise BadInput(
            f"the loss must be finite at the lowest rate, but is not at {low:g}; lower it with luthier find-lr --low"
        )
    return curve_of(rates[: len(finite)].tolist(), finite, burst=len(finite) < steps)


def _has_burst(losses: Sequence[float]) -> bool:
    """Say whether the last loss is no number, or the mean of the last few many times the lowest mean before."""
    if not losses or not math.isfinite(losses[-1]):
        return bool(losses)
    few = FEWEST_STEPS // 4
    means = np.convolve(losses, np.full(few, 1 / few), "valid") if len(losses) > few else np.zeros(1)
    return bool(means[-1] > BURST * means.min() > 0)


def curve_of(rates: Sequence[float], losses: Sequence[float], burst: bool = False) -> RateCurve:
    """Smooth the losses and find the rate to suggest.

    >>> rates = np.geomspace(1e-4, 1, 41)
    >>> falling = 1 / (1 + (rates / 0.01) ** 2)  # falls fastest, on a logarithmic axis, at 0.01
    >>> round(curve_of(rates, falling).suggestion, 3)
    0.01
    """
    reach = max(1, round(len(losses) * WINDOW / 2))
    smoothed = _smooth(np.asarray(losses, float), reach)
    lowest = int(smoothed.argmin())
    slopes = np.gradient(smoothed, np.log(np.asarray(rates)))
    slopes[: reach + 1] = 0  # nearly one loss alone: what is steep there is noise
    steepest = int(slopes[: lowest + 1].argmin())
    return RateCurve(
        tuple(map(float, rates)),
        tuple(map(float, losses)),
        tuple(map(float, smoothed)),
        float(rates[steepest]) if slopes[steepest] < 0 else None,
        float(rates[lowest]),
        burst,
    )


def _smooth(losses: np.ndarray, reach: int) -> np.ndarray:
    """Means over reach neighbours on either side, fewer at both ends, so that the curve is not moved sideways."""
    places = range(len(losses))
    reaches = [min(reach, one, len(losses) - 1 - one) for one in places]
    return np.array([losses[one - r : one + r + 1].mean() for one, r in zip(places, reaches, strict=True)])
