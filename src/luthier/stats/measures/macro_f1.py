"""Macro-averaged F1."""

import numpy as np

from luthier.stats.bootstrap import bootstrap_interval
from luthier.stats.jackknife import jackknife_parts
from luthier.stats.measures.figure import MetricValue, metric_value
from luthier.stats.measures.metric import CLASSES, Metric

METHOD = "percentile bootstrap over examples"


def macro_f1(probabilities: np.ndarray, labels: np.ndarray) -> MetricValue:
    """Mean over the classes of the harmonic mean of precision and recall: 0 worst, 1 best.

    Every class counts alike, however rare; one that is neither true nor answered anywhere is left out.
    Source: Yang and Liu, A re-examination of text categorization methods, 1999.

    >>> round(macro_f1(np.eye(3)[[0, 1, 1, 1]], np.array([0, 0, 1, 1])).value, 4)
    0.7333
    """
    from sklearn.metrics import f1_score

    answers = probabilities.argmax(1)
    value = f1_score(labels, answers, average="macro", zero_division=0)
    kinds, times = np.unique(np.stack((answers, labels), axis=1), axis=0, return_counts=True)
    return metric_value(value, lambda: bootstrap_interval(_columns(*kinds.T), _mean_f1, times=times), METHOD)


def macro_f1_parts(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """What each example does to the macro-averaged F1 (M,), about that itself; M at least 2.

    >>> round(float(macro_f1_parts(np.eye(3)[[0, 1, 1, 1]], np.array([0, 0, 1, 1])).mean()), 4)
    0.7333
    """
    return jackknife_parts(_columns(probabilities.argmax(1), labels), _mean_f1)


def _columns(answers: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Of each example, for each class seen, 1 or 0: rightly answered, answered, true (M, 3 K)."""
    answered, true = (one[:, None] == np.union1d(answers, labels) for one in (answers, labels))
    return np.concatenate((answered & true, answered, true), axis=1).astype(np.float64)


def _mean_f1(means: np.ndarray) -> np.ndarray:
    """From shares of hits, answers and true ones by class (R, 3 K); a draw may leave a class out."""
    hits, answered, true = np.split(means, 3, axis=1)
    there = answered + true > 0
    each = 2 * hits / np.where(there, answered + true, 1)
    return np.asarray(each.sum(1) / there.sum(1))


MACRO_F1 = Metric(
    summary="Mean over the classes of the harmonic mean of precision and recall; rare classes count as others.",
    source="Yang and Liu, A re-examination of text categorization methods, 1999",
    tasks=(CLASSES,),
    better="higher",
    within=(0.0, 1.0),
    share=True,
    measure=macro_f1,
    parts=macro_f1_parts,
    paired="the jackknife's",
)
