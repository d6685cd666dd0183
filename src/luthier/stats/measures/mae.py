"""Mean absolute error."""

import numpy as np

from luthier.stats.intervals import mean_interval
from luthier.stats.measures.figure import Figure, figure

METHOD = "Student's t"


def mae(answers: np.ndarray, values: np.ndarray) -> Figure:
    """Mean distance of answers from values, in their units: 0 best.

    >>> mae(np.array([[1.0], [4.0]]), np.array([[1.0], [2.0]])).value
    1.0
    """
    from sklearn.metrics import mean_absolute_error

    each = np.abs(answers - values).mean(1).tolist()
    interval = mean_interval(each, within=(0.0, np.inf)) if len(each) > 1 else None
    return figure(mean_absolute_error(values, answers), interval, METHOD)
