"""What a finished training shows plainly: overfitting, not learning, still improving, a class never predicted.

Each function returns a sentence, or "" where it does not show; terminal, result and page say the same sentences.
Source of the first: Prechelt, Early stopping - but when?, 1998 (the rise of the validation loss over its lowest).
"""

import math
from collections.abc import Sequence

import numpy as np

from luthier.run.history import Row
from luthier.stats.metrics import Metrics

RISE = 0.1
"""Least rise of the validation loss that counts, as a share of its lowest and of what it had fallen."""


LAST, GAIN = 0.2, 0.05
"""Share of the epochs at the end in which a training at rest gains less than this share of all that it gained."""


FEWEST = 5
"""Test examples of a class below which it may be missed by chance."""


MOST_NAMED = 5


def diagnose(
    history: Sequence[Row], parts: dict[str, Metrics], never: Sequence[str], *, stopped: bool
) -> dict[str, str]:
    """Describe by name all that a training shows; empty where nothing does.

    parts: metrics of the final network on `test`, and on `validation` where there is one, with `trivial` where known.
    never: names of the classes that are never predicted. stopped: whether the training was stopped early.
    """
    validation = parts.get("validation")
    found = {
        "not-learning": describe_no_learning(validation or parts["test"]),
        "overfitting": describe_overfitting(history, validation["loss"]) if validation else "",
        "still-improving": "" if stopped or not validation else describe_improvement(history, validation),
        "never-predicted": describe_never(never),
    }
    return {name: sentence for name, sentence in found.items() if sentence}


def describe_overfitting(history: Sequence[Row], kept: float) -> str:
    """Describe since when the validation loss has risen while that of the training fell.

    kept: the validation loss of the final network; where that is an earlier one, which did not suffer, nothing shows.
    """
    epochs, losses = _validation_losses(history)
    if len(losses) < 3:
        return ""
    k = int(np.argmin(losses))
    lowest = losses[k]
    limit = lowest + RISE * max(abs(lowest), losses[0] - lowest)
    risen = len(losses) - k > 2 and min(losses[-1], losses[-2], kept) > limit
    before, after = _training_loss(history, epochs[k]), _training_loss(history, epochs[-1])
    if not risen or not after < before:
        return ""
    return (
        f"overfitting since epoch {epochs[k]}: the validation loss rose from {lowest:.4g} to {losses[-1]:.4g} while "
        f"that of the training fell from {before:.4g} to {after:.4g}; keep the best network with "
        "tricks.early-stopping, train for fewer epochs, or with more examples or augmentation"
    )


def describe_improvement(history: Sequence[Row], validation: Metrics) -> str:
    """Describe that the validation loss was still falling at the last epoch, and what that gained."""
    epochs, losses = _validation_losses(history)
    if len(losses) < 3 or validation.get("accuracy") == 1:
        return ""
    k = len(losses) - 1 - max(1, round(LAST * len(losses)))
    gained, late = losses[0] - losses[-1], losses[k] - losses[-1]
    if losses[-1] > min(losses) or late <= GAIN * gained:
        return ""
    return (
        f"still improving at the end: the validation loss fell from {losses[k]:.4g} after epoch {epochs[k]} to "
        f"{losses[-1]:.4g} after the last, epoch {epochs[-1]}; raise training.epochs"
    )


def describe_no_learning(metrics: Metrics) -> str:
    """Describe that the network is no better than the trivial answer; nothing where that is not known.

    For classes neither accuracy nor log-loss nor order (auroc) is better, for values none of the errors.
    """
    trivial, n = metrics.get("trivial"), metrics["n"]
    if not trivial:
        return ""
    names = ("accuracy", "log-loss") if "accuracy" in trivial else ("rmse", "mae")
    if any(not _is_finite(one.get(name)) for one in (metrics, trivial) for name in names):
        return ""
    better = _is_class_better if "accuracy" in trivial else _is_value_better
    if better(metrics, trivial):
        return ""
    figures = ", ".join(f"{name} {metrics[name]:.4g} beside {trivial[name]:.4g}" for name in names)
    return (
        f"not learning: no better than the trivial answer on {n:,} examples ({figures}); look at the labels and the "
        "scale of the inputs, and try another optimizer.learning_rate"
    )


ABOUT = 0.99
"""An error above this share of the trivial answer's is no better."""


def _is_class_better(metrics: Metrics, trivial: Metrics) -> bool:
    intervals = metrics.get("intervals", {})
    low, order = (intervals.get(name) for name in ("accuracy", "auroc"))
    surer = metrics["log-loss"] < ABOUT * trivial["log-loss"]
    return surer or bool(low and low[0] > trivial["accuracy"]) or bool(order and order[0] > 0.5)


def _is_value_better(metrics: Metrics, trivial: Metrics) -> bool:
    return bool(any(metrics[name] < ABOUT * trivial[name] for name in ("rmse", "mae")))


def find_never_predicted(matrix: np.ndarray, classes: Sequence[str]) -> list[str]:
    """Find the classes with 5 examples or more that are the answer to none.

    matrix: the confusion matrix (K, K), true classes in rows.

    >>> find_never_predicted(np.array([[7, 0], [5, 0]]), ["a", "b"])
    ['b']
    """
    return [classes[int(k)] for k in np.flatnonzero((matrix.sum(1) >= FEWEST) & (matrix.sum(0) == 0))]


def describe_never(never: Sequence[str]) -> str:
    """Describe which classes are never predicted.

    >>> describe_never(["b"]).split(";")[0]
    'class b is never predicted on the test part'
    """
    if not never:
        return ""
    named = ", ".join(never[:MOST_NAMED]) + (", ..." if len(never) > MOST_NAMED else "")
    who = f"class {named} is" if len(never) == 1 else f"{len(never)} classes are"
    of_several = f": {named}" if len(never) > 1 else ""
    return (
        f"{who} never predicted on the test part{of_several}; give rare classes more weight with "
        'training.class_weights = "balanced", or train for longer'
    )


def _validation_losses(history: Sequence[Row]) -> tuple[list[int], list[float]]:
    """Return the epochs that were over at each validation, and its loss, without any that is not finite."""
    rows = [row for row in history if row["kind"] == "validation" and _is_finite(row.get("loss"))]
    return [row["epoch"] for row in rows], [row["loss"] for row in rows]


def _training_loss(history: Sequence[Row], epoch: int) -> float:
    """Return the mean loss over the steps of an epoch, counted from 1; NaN where the history has none."""
    rows = [row for row in history if row["kind"] == "train" and row["epoch"] == epoch - 1]
    known = [(row["loss"], row.get("steps", 1)) for row in rows if _is_finite(row.get("loss"))]
    steps = sum(one for _, one in known)
    return sum(loss * one for loss, one in known) / steps if steps else math.nan


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
