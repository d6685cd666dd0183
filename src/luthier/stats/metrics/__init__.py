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
    "log_loss",
    "macro_f1",
    "mae",
    "r2",
    "rmse",
    "top_5",
]  # fmt: skip
