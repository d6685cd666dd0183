"""Calibration at the end of a run: the temperature, and what it changed."""

import warnings
from typing import Any

from luthier.core.errors import LuthierWarning
from luthier.engine import Evaluation
from luthier.models.losses import Loss
from luthier.models.metrics import Metrics
from luthier.models.temperature import fit_temperature
from luthier.run.intervals import probabilities_of, with_interval

TOLD = ("ece", "log-loss")


def fit_calibration(validation: Evaluation, loss: Loss) -> float:
    """The temperature of the validation part; 1, which changes nothing, with a warning where none is the best."""
    found = fit_temperature(probabilities_of(validation.logits, loss), validation.labels)
    if found is None:
        warnings.warn(
            f"all {len(validation.labels)} validation examples are answered rightly, which says nothing about how "
            "certain answers should be: the temperature stays 1; raise split.validation for more of them",
            LuthierWarning,
            stacklevel=2,
        )
    return found or 1.0


def describe_calibration(
    temperature: float, parts: dict[str, tuple[Evaluation, Metrics]], loss: Loss
) -> dict[str, Any]:
    """What the result says of a calibration: errors before and after, optimistic on the part that it was fitted on.

    parts: what was answered on each part, and the metrics after the calibration.
    """
    changes = {
        name: {"before": _errors(with_interval(found, loss)), "after": _errors(after)}
        for name, (found, after) in parts.items()
    }
    return {"temperature": temperature, **changes}


def _errors(metrics: Metrics) -> dict[str, Any]:
    return {**{name: metrics[name] for name in TOLD}, "intervals": {name: metrics["intervals"][name] for name in TOLD}}
