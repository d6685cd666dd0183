"""Coefficient of determination."""

import numpy as np

from luthier.stats.bootstrap import bootstrap_interval
from luthier.stats.measures.figure import Figure, figure

METHOD = "percentile bootstrap over examples"


def r2(answers: np.ndarray, values: np.ndarray) -> Figure:
    """Share of the values' variance that the answers explain, a mean over the D values: 1 best, 0 as good as the mean.

    Undefined where a value never changes, as in a single example.

    >>> r2(np.array([[1.0], [2.0]]), np.array([[5.0], [5.0]])).undefined
    'the true values do not differ'
    """
    from sklearn.metrics import r2_score

    if (values == values[0]).all(0).any():
        return Figure(None, None, METHOD, "the true values do not differ")
    centred = values - values.mean(0)
    columns = np.concatenate(((answers - values) ** 2, centred, centred**2), axis=1)
    return figure(r2_score(values, answers), bootstrap_interval(columns, _explained), METHOD)


def _explained(means: np.ndarray) -> np.ndarray:
    squares, mean, spread = np.split(means, 3, axis=1)
    variance = spread - mean**2
    return np.asarray((1 - squares / np.where(variance > 0, variance, np.nan)).mean(1))  # a draw may be of equals
