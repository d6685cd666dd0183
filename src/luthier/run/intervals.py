"""The metrics of a part that go with its accuracy or errors, and their 95% intervals over examples."""

from typing import Any

import numpy as np
from torch import Tensor

from luthier.engine import Evaluation
from luthier.models.losses import Loss
from luthier.models.metrics import Metrics
from luthier.models.temperature import apply_temperature
from luthier.stats.measures import CLASSIFICATION, REGRESSION, MetricValue, accuracy, compute_metrics


def with_interval(found: Evaluation, loss: Loss, temperature: float = 1.0) -> Metrics:
    """Add what else the answers come to, and the interval of each figure.

    loss: says what the logits mean. temperature: of the calibration, above 0; 1 where there is none.
    The further keys: `intervals` and `methods` by metric, where there are too few examples for one the interval is
    None; `undefined`, why a metric is None; and for classes `interval`, that of the accuracy.
    """
    if "accuracy" not in found.metrics:
        return {**found.metrics, **_to_dict(compute_metrics(REGRESSION, _array(found.logits), _array(found.labels)))}
    n = found.metrics["n"]
    probabilities = _array(probabilities_of(found.logits, loss, temperature))
    figures = compute_metrics(CLASSIFICATION, probabilities, found.labels.numpy())
    told = _to_dict({"accuracy": accuracy(round(found.metrics["accuracy"] * n), n), **figures})
    return {**found.metrics, **told, "interval": told["intervals"]["accuracy"]}


def probabilities_of(logits: Tensor, loss: Loss, temperature: float = 1.0) -> Tensor:
    """Probability of each class (M, K) in double precision, so that none is lost beside another."""
    return apply_temperature(loss.probabilities(logits.double()), temperature)


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.double().numpy()


def _to_dict(figures: dict[str, MetricValue]) -> dict[str, Any]:
    return {
        **{name: one.value for name, one in figures.items()},
        "intervals": {name: list(one.interval) if one.interval else None for name, one in figures.items()},
        "methods": {name: one.method for name, one in figures.items()},
        "undefined": {name: one.undefined for name, one in figures.items() if one.undefined},
    }
