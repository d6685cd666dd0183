"""Root mean squared error."""

import numpy as np

from luthier.stats.bootstrap import bootstrap_interval
from luthier.stats.measures.figure import Figure, figure

METHOD = "percentile bootstrap over examples"


def rmse(answers: np.ndarray, values: np.ndarray) -> Figure:
    """Root of the mean squared error over all values together, in their units: 0 best; large errors count more.

    >>> rmse(np.array([[1.0], [4.0]]), np.array([[1.0], [2.0]])).value
    1.4142135623730951
    """
    from sklearn.metrics import mean_squared_error

    squares = (answers - values) ** 2
    value = mean_squared_error(values, answers) ** 0.5
    return figure(value, bootstrap_interval(squares, lambda means: np.sqrt(means.mean(1))), METHOD)
