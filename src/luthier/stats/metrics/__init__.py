"""The metrics of a network: each value, its 95% interval over examples, and how the interval was computed."""

from collections.abc import Mapping

import numpy as np

from luthier.stats.metrics.classification import (
    ACCURACY,
    AUROC,
    ECE,
    LOG_LOSS,
    MACRO_F1,
    TOP_5,
    accuracy,
    auroc,
    class_metrics,
    confusion_matrix,
    ece,
    log_loss,
    macro_f1,
    top_5,
)
from luthier.stats.metrics.metric import CLASSES, VALUES, WORST, Measure, Metric, Metrics, MetricValue, undefined
from luthier.stats.metrics.regression import LOSS, MAE, R2, RMSE, mae, r2, rmse

METRICS: Mapping[str, Metric] = {
    "accuracy": ACCURACY,
    "auroc": AUROC,
    "ece": ECE,
    "log-loss": LOG_LOSS,
    "loss": LOSS,
    "macro-f1": MACRO_F1,
    "mae": MAE,
    "r2": R2,
    "rmse": RMSE,
    "top-5": TOP_5,
}


def _measures(task: str) -> Mapping[str, Measure]:
    return {name: one.measure for name, one in METRICS.items() if task in one.tasks and one.measure}


CLASSIFICATION = _measures(CLASSES)
"""From probabilities and labels. The accuracy needs no probabilities and has a function of its own."""


REGRESSION = _measures(VALUES)
"""From predictions and true values."""


NOT_FINITE = "the network's answers are not all finite"


def compute_metrics(
    measures: Mapping[str, Measure], predictions: np.ndarray, truth: np.ndarray
) -> dict[str, MetricValue]:
    """Compute every metric of a table; none has a value where the predictions are not all finite.

    >>> found = compute_metrics(REGRESSION, np.array([[1.0], [4.0]]), np.array([[1.0], [2.0]]))
    >>> found["mae"].value, found["r2"].value
    (1.0, -7.0)
    """
    if not np.isfinite(predictions).all():
        return {name: undefined(NOT_FINITE) for name in measures}
    return {name: measure(predictions, truth) for name, measure in measures.items()}


def learn_trivial(labels: np.ndarray, classes: int) -> np.ndarray:
    """Learn the answer that looks at no input: the share of each class (K,), or the mean of the values (D,).

    What scores no better has learnt nothing (Murphy, A new vector partition of the probability score, 1973).

    labels: of the training part, classes (N,) or values (N, D). classes: K, or 0 for values.

    >>> learn_trivial(np.array([0, 0, 0, 1]), 2).tolist(), learn_trivial(np.array([[1.0], [4.0]]), 0).tolist()
    ([0.75, 0.25], [2.5])
    """
    return np.bincount(labels, minlength=classes) / len(labels) if classes else labels.astype(np.float64).mean(0)


def score_trivial(answer: np.ndarray, truth: np.ndarray) -> Metrics:
    """Compute every metric of the trivial answer on a part; None where one is not defined.

    answer: what `learn_trivial` gave. truth: classes (M,), or values (M, D), M at least 1.

    >>> found = score_trivial(np.array([0.75, 0.25]), np.array([0, 1, 1, 0]))
    >>> found["accuracy"], round(found["log-loss"], 4)
    (0.5, 0.837)
    """
    answers = np.tile(answer, (len(truth), 1))
    if truth.ndim == 1:
        hits = int((truth == answer.argmax()).sum())
        found = {"accuracy": accuracy(hits, len(truth)), **compute_metrics(CLASSIFICATION, answers, truth)}
    else:
        found = compute_metrics(REGRESSION, answers, truth.astype(np.float64))
    return {name: one.value for name, one in found.items()}


__all__ = [
    "CLASSES",
    "CLASSIFICATION",
    "METRICS",
    "REGRESSION",
    "VALUES",
    "WORST",
    "Measure",
    "Metric",
    "MetricValue",
    "Metrics",
    "accuracy",
    "auroc",
    "class_metrics",
    "compute_metrics",
    "confusion_matrix",
    "ece",
    "learn_trivial",
    "log_loss",
    "macro_f1",
    "mae",
    "r2",
    "rmse",
    "score_trivial",
    "top_5",
]  # fmt: skip
