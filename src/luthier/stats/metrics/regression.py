"""Metrics of regression: RMSE, MAE, R2, and the loss."""

import math
from typing import TYPE_CHECKING

import numpy as np

from luthier.stats.intervals import bootstrap_interval, jackknife_parts, mean_interval
from luthier.stats.metrics.metric import CLASSES, VALUES, Metric, MetricValue, metric_value, undefined

if TYPE_CHECKING:
    from torch import Tensor

RMSE_METHOD = "percentile bootstrap over examples"


def rmse(predictions: np.ndarray, values: np.ndarray) -> MetricValue:
    """Compute the root mean squared error over all values together, in their units: 0 best; large errors count more.

    >>> rmse(np.array([[1.0], [4.0]]), np.array([[1.0], [2.0]])).value
    1.4142135623730951
    """
    from sklearn.metrics import mean_squared_error

    value = mean_squared_error(values, predictions) ** 0.5
    return metric_value(value, lambda: bootstrap_interval((predictions - values) ** 2, _root), RMSE_METHOD)


def rmse_parts(predictions: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Compute the contribution of each example to the root mean squared error (M,), whose mean is that; M at least 2.

    >>> round(float(rmse_parts(np.array([[1.0], [4.0]]), np.array([[1.0], [2.0]])).mean()), 4)
    1.4142
    """
    return jackknife_parts((predictions - values) ** 2, _root)


def quick_rmse(predictions: "Tensor", values: "Tensor") -> "Tensor":
    """Compute the root mean squared error alone."""
    return (predictions - values).square().mean().sqrt()


def _root(means: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt(means.mean(1)))


RMSE = Metric(
    summary="Root of the mean squared error, in the units of the values; large errors count more.",
    source="Gauss, Theoria combinationis observationum erroribus minimis obnoxiae, 1823",
    tasks=(VALUES,),
    better="lower",
    measure=rmse,
    quick=quick_rmse,
    parts=rmse_parts,
    paired="the jackknife's",
)


MAE_METHOD = "Student's t"


def mae(predictions: np.ndarray, values: np.ndarray) -> MetricValue:
    """Compute the mean distance of predictions from true values, in their units: 0 best.

    >>> mae(np.array([[1.0], [4.0]]), np.array([[1.0], [2.0]])).value
    1.0
    """
    from sklearn.metrics import mean_absolute_error

    each = mae_parts(predictions, values).tolist()
    return metric_value(
        mean_absolute_error(values, predictions),
        lambda: mean_interval(each, within=(0.0, np.inf)) if len(each) > 1 else None,
        MAE_METHOD,
    )


def mae_parts(predictions: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Compute the mean absolute error of each example (M,).

    >>> mae_parts(np.array([[1.0], [4.0]]), np.array([[1.0], [2.0]])).tolist()
    [0.0, 2.0]
    """
    return np.asarray(np.abs(predictions - values).mean(1))


def quick_mae(predictions: "Tensor", values: "Tensor") -> "Tensor":
    """Compute the mean absolute error alone."""
    return (predictions - values).abs().mean()


MAE = Metric(
    summary="Mean distance of answers from values, in their units.",
    source="Willmott and Matsuura, Advantages of the mean absolute error over the root mean square error, 2005",
    tasks=(VALUES,),
    better="lower",
    measure=mae,
    quick=quick_mae,
    parts=mae_parts,
)


R2_METHOD = "percentile bootstrap over examples"


def r2(predictions: np.ndarray, values: np.ndarray) -> MetricValue:
    """Compute the share of the values' variance that the predictions explain, averaged over the D values.

    1 is best, 0 is as good as always predicting the mean.

    Undefined where a value never changes, as in a single example.

    >>> r2(np.array([[1.0], [2.0]]), np.array([[5.0], [5.0]])).undefined
    'the true values do not differ'
    """
    from sklearn.metrics import r2_score

    if (values == values[0]).all(0).any():
        return undefined("the true values do not differ", R2_METHOD)
    return metric_value(
        r2_score(values, predictions), lambda: bootstrap_interval(_columns(predictions, values), _explained), R2_METHOD
    )


def r2_parts(predictions: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Compute the contribution of each example to the coefficient (M,), whose mean is that; the values must differ.

    >>> round(float(r2_parts(np.array([[1.0], [2.0], [4.0]]), np.array([[1.0], [2.0], [3.0]])).mean()), 4)
    0.5
    """
    return jackknife_parts(_columns(predictions, values), _explained)


def quick_r2(predictions: "Tensor", values: "Tensor") -> "Tensor":
    """Compute the coefficient alone; it is not finite where the values never change."""
    spread = (values - values.mean(0)).square().sum(0)
    return (1 - (predictions - values).square().sum(0) / spread).mean()


def _columns(predictions: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Compute for each example its squared error, and its value and the square of that, about the mean (M, 3 D)."""
    centred = values - values.mean(0)
    return np.concatenate(((predictions - values) ** 2, centred, centred**2), axis=1)


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
    quick=quick_r2,
    parts=r2_parts,
    paired="the jackknife's",
)


LOSS = Metric(
    summary="Mean of the recipe's loss over examples, without the penalties that training adds.",
    source="Bottou, Curtis and Nocedal, Optimization methods for large-scale machine learning, 2018",
    tasks=(CLASSES, VALUES),
    better="lower",
)
