"""Coefficient of determination."""

import math

import numpy as np

from luthier.stats.bootstrap import bootstrap_interval
from luthier.stats.jackknife import jackknife_parts
from luthier.stats.measures.figure import MetricValue, metric_value, undefined
from luthier.stats.measures.metric import VALUES, Metric

METHOD = "percentile bootstrap over examples"


def r2(answers: np.ndarray, values: np.ndarray) -> MetricValue:
    """Share of the values' variance that the answers explain, a mean over the D values: 1 best, 0 as good as the mean.

    Undefined where a value never changes, as in a single example.

    >>> r2(np.array([[1.0], [2.0]]), np.array([[5.0], [5.0]])).undefined
    'the true values do not differ'
    """
    from sklearn.metrics import r2_score

    if (values == values[0]).all(0).any():
        return undefined("the true values do not differ", METHOD)
    return metric_value(
        r2_score(values, answers), lambda: bootstrap_interval(_columns(answers, values), _explained), METHOD
    )


def r2_parts(answers: np.ndarray, values: np.ndarray) -> np.ndarray:
    """What each example does to the coefficient (M,), about that itself; values that differ.

    >>> round(float(r2_parts(np.array([[1.0], [2.0], [4.0]]), np.array([[1.0], [2.0], [3.0]])).mean()), 4)
    0.5
    """
    return jackknife_parts(_columns(answers, values), _explained)


def _columns(answers: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Of each example its squared error, and its value and the square of that, about the mean (M, 3 D)."""
    centred = values - values.mean(0)
    return np.concatenate(((answers - values) ** 2, centred, centred**2), axis=1)


def _explained(means: np.ndarray) -> np.ndarray:
    squares, mean, spread = np.split(means, 3, axis=1)
    variance = spread - mean**2
    return np.asarray((1 - squares / np.where(variance > 0, variance, np.nan)).mean(1))  # a draw may be of equals


R2 = Metric(
    summary="Share of the values' variance that the answers explain, mean over the values.",
    source="Wright, Correlation and causation, 1921",
    tasks=(VALUES,),
    better="higher",
    within=(-math.inf, 1.0),
    measure=r2,
    parts=r2_parts,
    paired="the jackknife's",
)
