"""The 95% intervals over examples that go with the metrics of a part."""

import numpy as np

from luthier.engine import Evaluation
from luthier.models.metrics import Metrics
from luthier.stats import Interval, bootstrap_interval, mean_interval, share_interval


def with_interval(found: Evaluation) -> Metrics:
    """Add the interval of the accuracy as `interval`, or those of mae, rmse and r2 as `intervals`.

    The mean absolute error has Student's interval, the other two the bootstrap's; each is None where there are too few
    examples for it.
    """
    if "accuracy" not in found.metrics:
        return {**found.metrics, "intervals": _regression(found)}
    one = share_interval(round(found.metrics["accuracy"] * found.metrics["n"]), found.metrics["n"])
    return {**found.metrics, "interval": [one.low, one.high]}


def _regression(found: Evaluation) -> dict[str, list[float] | None]:
    truth = found.labels.double().numpy()
    errors, centred = found.logits.double().numpy() - truth, truth - truth.mean(0)
    width = errors.shape[1]

    def rmse(means: np.ndarray) -> np.ndarray:
        return np.asarray(np.sqrt(means[:, :width].mean(1)))

    def r2(means: np.ndarray) -> np.ndarray:
        squares, mean, spread = np.split(means, 3, axis=1)
        variance = spread - mean**2
        return np.asarray((1 - squares / np.where(variance > 0, variance, np.nan)).mean(1))  # a draw may be of equals

    columns = np.concatenate((errors**2, centred, centred**2), axis=1)
    intervals = {
        "mae": mean_interval(np.abs(errors).mean(1).tolist()) if len(errors) > 1 else None,
        "rmse": bootstrap_interval(columns, rmse),
        "r2": bootstrap_interval(columns, r2) if found.metrics["r2"] is not None else None,
    }
    return {name: _ends(one) for name, one in intervals.items()}


def _ends(one: Interval | None) -> list[float] | None:
    return [one.low, one.high] if one and np.isfinite((one.low, one.high)).all() else None
