"""Log-loss."""

import math

import numpy as np

from luthier.stats.intervals import mean_interval
from luthier.stats.measures.figure import MetricValue, metric_value
from luthier.stats.measures.metric import CLASSES, Metric

METHOD = "Student's t"
LEAST = float(np.finfo(np.float64).eps)
"""The smallest probability that is believed, as in scikit-learn: a wrong answer said for certain costs 36, not all."""


def log_loss(probabilities: np.ndarray, labels: np.ndarray) -> MetricValue:
    """Mean of minus the logarithm of the true class's probability: 0 best; log K for K classes where all are alike.

    Source: Good, Rational decisions, 1952.

    >>> round(log_loss(np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 1])).value, 4)
    0.4904
    """
    from sklearn.metrics import log_loss as of_sklearn

    value = of_sklearn(labels, probabilities, labels=np.arange(probabilities.shape[1]))
    each = log_losses(probabilities, labels).tolist()
    return metric_value(value, lambda: mean_interval(each, within=(0.0, math.inf)) if len(each) > 1 else None, METHOD)


def log_losses(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Log-loss of each example (M,).

    >>> log_losses(np.array([[1.0, 0.0]]), np.array([0])).tolist()
    [0.0]
    """
    of_true = probabilities[np.arange(len(labels)), labels]
    return np.asarray(-np.log(of_true.clip(LEAST, 1)) + 0.0)  # no minus zero


LOG_LOSS = Metric(
    summary="Mean of minus the logarithm of the true class's probability.",
    source="Good, Rational decisions, 1952",
    tasks=(CLASSES,),
    better="lower",
    measure=log_loss,
    parts=log_losses,
)
