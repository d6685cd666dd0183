"""Root mean squared error."""

import numpy as np

from luthier.stats.bootstrap import bootstrap_interval
from luthier.stats.jackknife import jackknife_parts
from luthier.stats.measures.figure import MetricValue, metric_value
from luthier.stats.measures.metric import VALUES, Metric

METHOD = "percentile bootstrap over examples"


def rmse(answers: np.ndarray, values: np.ndarray) -> MetricValue:
    """Root of the mean squared error over all values together, in their units: 0 best; large errors count more.

    >>> rmse(np.array([[1.0], [4.0]]), np.array([[1.0], [2.0]])).value
    1.4142135623730951
    """
    from sklearn.metrics import mean_squared_error

    value = mean_squared_error(values, answers) ** 0.5
    return metric_value(value, lambda: bootstrap_interval((answers - values) ** 2, _root), METHOD)


def rmse_parts(answers: np.ndarray, values: np.ndarray) -> np.ndarray:
    """What each example does to the root mean squared error (M,), about that itself; M at least 2.

    >>> round(float(rmse_parts(np.array([[1.0], [4.0]]), np.array([[1.0], [2.0]])).mean()), 4)
    1.4142
    """
    return jackknife_parts((answers - values) ** 2, _root)


def _root(means: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt(means.mean(1)))


RMSE = Metric(
    summary="Root of the mean squared error, in the units of the values; large errors count more.",
    source="Gauss, Theoria combinationis observationum erroribus minimis obnoxiae, 1823",
    tasks=(VALUES,),
    better="lower",
    measure=rmse,
    parts=rmse_parts,
    paired="the jackknife's",
)
