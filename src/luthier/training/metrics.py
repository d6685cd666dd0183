"""Metrics from logits and true labels on the device, of regression from answers and true values; temperature."""

import math
from typing import Any

import torch
from torch import Tensor

from luthier.core.errors import BadInput
from luthier.stats.metrics import METRICS

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


BOUNDS = (0.01, 100.0)
"""Where the temperature is looked for: below the first every answer is certain, above the second all classes alike."""


def apply_temperature(probabilities: Tensor, temperature: float) -> Tensor:
    """Raise probabilities (B, K) to the power of 1 / temperature and let rows sum to 1 again.

    After a softmax this divides the logits by the temperature: above 1 it makes answers less certain, below 1 more; the
    order of the classes stays. 1 changes nothing.
    Source: Guo, Pleiss, Sun and Weinberger, On calibration of modern neural networks, 2017.

    >>> apply_temperature(torch.tensor([[0.8, 0.2]]), 2.0)
    tensor([[0.6667, 0.3333]])
    """
    if temperature == 1:
        return probabilities
    return (_log(probabilities) / temperature).softmax(1)


def fit_temperature(probabilities: Tensor, labels: Tensor) -> float | None:
    """Find the temperature with the least log-loss, from 0.01 to 100.

    probabilities: (M, K), of examples that were not trained on. labels: (M,).
    Returns None where every example is answered rightly: then colder would always be better, and none is the best.

    >>> probabilities = torch.tensor([[0.9, 0.1]] * 4, dtype=torch.float64)
    >>> warm = fit_temperature(probabilities, torch.tensor([0, 0, 0, 1]))
    >>> [round(one, 3) for one in apply_temperature(probabilities, warm)[0].tolist()]
    [0.75, 0.25]
    """
    from scipy.optimize import minimize_scalar

    logs = _log(probabilities.double())
    if bool((logs.argmax(1) == labels).all()):
        return None

    def loss(log_temperature: float) -> float:
        return float(torch.nn.functional.cross_entropy(logs / math.exp(log_temperature), labels))

    low, high = map(math.log, BOUNDS)
    return math.exp(minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-6}).x)


def _log(probabilities: Tensor) -> Tensor:
    return probabilities.clamp(min=torch.finfo(probabilities.dtype).tiny).log()
