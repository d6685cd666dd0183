"""Macro-averaged F1."""

import numpy as np

from luthier.stats.bootstrap import bootstrap_interval
from luthier.stats.measures.figure import Figure, figure

METHOD = "percentile bootstrap over examples"


def macro_f1(probabilities: np.ndarray, labels: np.ndarray) -> Figure:
    """Mean over the classes of the harmonic mean of precision and recall: 0 worst, 1 best.

    Every class counts alike, however rare; one that is neither true nor answered anywhere is left out.
    Source: Yang and Liu, A re-examination of text categorization methods, 1999.

    >>> round(macro_f1(np.eye(3)[[0, 1, 1, 1]], np.array([0, 0, 1, 1])).value, 4)
    0.7333
    """
    from sklearn.metrics import f1_score

    answers = probabilities.argmax(1)
    value = f1_score(labels, answers, average="macro", zero_division=0)
    seen = np.union1d(labels, answers)
    kinds, times = np.unique(np.stack((answers, labels), axis=1), axis=0, return_counts=True)
    answered, true = (one[:, None] == seen for one in kinds.T)
    columns = np.concatenate((answered & true, answered, true), axis=1).astype(np.float64)
    return figure(float(value), bootstrap_interval(columns, _mean_f1, times=times), METHOD)


def _mean_f1(means: np.ndarray) -> np.ndarray:
    """From shares of hits, answers and true ones by class (R, 3 K); a draw may leave a class out."""
    hits, answered, true = np.split(means, 3, axis=1)
    there = answered + true > 0
    each = 2 * hits / np.where(there, answered + true, 1)
    return np.asarray(each.sum(1) / there.sum(1))
