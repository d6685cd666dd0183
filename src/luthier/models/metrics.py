"""Metrics of classification, from logits and true labels, and of regression, from answers and true values."""

import math
from typing import Any

import torch
from torch import Tensor

from luthier.core.errors import BadInput
from luthier.stats.measures import METRICS

Metrics = dict[str, Any]
WORST = -1.7976931348623157e308
"""The score of a metric that is not finite: the lowest number that JSON can hold."""


def classification(logits: Tensor, labels: Tensor, losses: Tensor) -> Metrics:
    """Accuracy, mean loss and n; the loss is None where it is not finite.

    logits: (M, K). labels: (M,). losses: (M,).
    """
    n = len(labels)
    loss = float(losses.double().mean()) if n else math.nan
    hits = int((logits.argmax(1) == labels).sum())
    return {"accuracy": hits / n if n else None, "loss": _finite(loss), "n": n}


def regression(answers: Tensor, values: Tensor, losses: Tensor) -> Metrics:
    """Mean absolute error, root mean squared error, R squared, mean loss and n.

    answers, values: (M, D). losses: (M,). mae and rmse are in the units of the values, over all of them together; r2 is
    the mean over the D values of 1 - squared errors / squared distances from the mean. What is not finite, and r2 where
    a value never changes, is None.
    """
    errors, truth = answers.double() - values.double(), values.double()
    spread = (truth - truth.mean(0)).square().sum(0)
    found = {
        "mae": errors.abs().mean(),
        "rmse": errors.square().mean().sqrt(),
        "r2": (1 - errors.square().sum(0) / spread).mean(),
        "loss": losses.double().mean(),
    }
    return {**{name: _finite(float(one)) for name, one in found.items()}, "n": len(values)}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def score(metrics: Metrics, monitor: str) -> float:
    """Turn the deciding metric into a number of which more is better.

    >>> score({"loss": 0.25}, "loss")
    -0.25
    """
    value = metrics[monitor]
    if value is None:
        return WORST
    return float(value) if METRICS[monitor].higher else -float(value)


def confusion(logits: Tensor, labels: Tensor) -> Tensor:
    """Count examples by true class (rows) and answer (columns): (K, K), int64."""
    classes = logits.shape[1]
    return torch.bincount(labels * classes + logits.argmax(1), minlength=classes**2).view(classes, classes)


def per_class(matrix: Tensor, classes: tuple[str, ...]) -> list[Metrics]:
    """Precision, recall, F1 and n of each class from a confusion matrix; None where nothing defines them."""
    if matrix.shape != (len(classes), len(classes)):
        raise BadInput(
            f"the confusion matrix must be {len(classes)} x {len(classes)}, but is {tuple(matrix.shape)}; "
            "pass the run's own classes"
        )
    hits, answered, true = matrix.diagonal().tolist(), matrix.sum(0).tolist(), matrix.sum(1).tolist()
    return [
        {
            "class": name,
            "n": n,
            "precision": hit / said if said else None,
            "recall": hit / n if n else None,
            "f1": 2 * hit / (said + n) if said + n else None,
        }
        for name, hit, said, n in zip(classes, hits, answered, true, strict=True)
    ]
