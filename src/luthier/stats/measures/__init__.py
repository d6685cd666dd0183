"""The metrics of a finished run, one file each: the figure, its 95% interval over examples, and how that was found."""

from collections.abc import Callable, Mapping

import numpy as np

from luthier.stats.measures.accuracy import accuracy
from luthier.stats.measures.auroc import auroc
from luthier.stats.measures.ece import ece
from luthier.stats.measures.figure import Figure
from luthier.stats.measures.log_loss import log_loss
from luthier.stats.measures.macro_f1 import macro_f1
from luthier.stats.measures.mae import mae
from luthier.stats.measures.r2 import r2
from luthier.stats.measures.rmse import rmse
from luthier.stats.measures.top_5 import top_5

Measure = Callable[[np.ndarray, np.ndarray], Figure]

CLASSIFICATION: Mapping[str, Measure] = {
    "auroc": auroc,
    "ece": ece,
    "log-loss": log_loss,
    "macro-f1": macro_f1,
    "top-5": top_5,
}
"""From probabilities (M, K), float64, rows that sum to 1, and labels (M,), to a figure; M at least 1.

The accuracy needs no probabilities and has a function of its own.
"""

REGRESSION: Mapping[str, Measure] = {"mae": mae, "r2": r2, "rmse": rmse}
"""From answers (M, D) and values (M, D), float64, to a figure; M at least 1."""

NOT_FINITE = "the network's answers are not all finite"

__all__ = ["CLASSIFICATION", "REGRESSION", "Figure", "Measure", "accuracy", "auroc", "ece", "log_loss", "macro_f1",
           "mae", "measured", "r2", "rmse", "top_5"]  # fmt: skip


def measured(measures: Mapping[str, Measure], answers: np.ndarray, truth: np.ndarray) -> dict[str, Figure]:
    """Every figure of a table of measures; none has a value where the answers are not finite.

    >>> found = measured(REGRESSION, np.array([[1.0], [4.0]]), np.array([[1.0], [2.0]]))
    >>> found["mae"].value, found["r2"].value
    (1.0, -7.0)
    """
    if not np.isfinite(answers).all():
        return {name: Figure(None, None, "", NOT_FINITE) for name in measures}
    return {name: measure(answers, truth) for name, measure in measures.items()}
