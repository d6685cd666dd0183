"""Mean absolute error."""

import numpy as np

from luthier.stats.intervals import mean_interval
from luthier.stats.measures.figure import MetricValue, metric_value
from luthier.stats.measures.metric import VALUES, Metric

METHOD = "Student's t"


def mae(answers: np.ndarray, values: np.ndarray) -> MetricValue:
    """Mean distance of answers from values, in their units: 0 best.

    >>> mae(np.array([[1.0], [4.0]]), np.array([[1.0], [2.0]])).value
    1.0
    """
    from sklearn.metrics import mean_absolute_error

    each = mae_parts(answers, values).tolist()
    return metric_value(
        mean_absolute_error(values, answers),
        lambda: mean_interval(each, within=(0.0, np.inf)) if len(each) > 1 else None,
        METHOD,
    )


def mae_parts(answers: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mean absolute error of each example (M,).

    >>> mae_parts(np.array([[1.0], [4.0]]), np.array([[1.0], [2.0]])).tolist()
    [0.0, 2.0]
    """
    return np.asarray(np.abs(answers - values).mean(1))


MAE = Metric(
    summary="Mean distance of answers from values, in their units.",
    source="Willmott and Matsuura, Advantages of the mean absolute error over the root mean square error, 2005",
    tasks=(VALUES,),
    better="lower",
    measure=mae,
    parts=mae_parts,
)
