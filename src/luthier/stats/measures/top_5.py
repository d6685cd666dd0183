"""Accuracy among the five likeliest classes."""

import numpy as np

from luthier.stats.intervals import share_interval
from luthier.stats.measures.figure import MetricValue, metric_value, undefined
from luthier.stats.measures.metric import CLASSES, Metric

METHOD = "Wilson's score"
TOP = 5


def top_5(probabilities: np.ndarray, labels: np.ndarray) -> MetricValue:
    """Share of the examples whose true class is among the five likeliest: 0 none, 1 all.

    Undefined with five classes or fewer, where it is 1 whatever the answers are.
    Source: Russakovsky et al., ImageNet Large Scale Visual Recognition Challenge, 2015.

    >>> top_5(np.full((1, 5), 0.2), np.array([4])).undefined
    'with 5 classes every answer is among the top 5'
    """
    n, classes = probabilities.shape
    if classes <= TOP:
        return undefined(f"with {classes} classes every answer is among the top {TOP}", METHOD)
    hits = int(top_5_hits(probabilities, labels).sum())
    return metric_value(hits / n, lambda: share_interval(hits, n), METHOD)


def top_5_hits(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """1.0 for each example whose true class is among the five likeliest, else 0.0 (M,); of equals the later classes.

    >>> top_5_hits(np.full((2, 6), 1 / 6), np.array([0, 1])).tolist()
    [0.0, 1.0]
    """
    likeliest = np.argsort(probabilities, axis=1, kind="stable")[:, -TOP:]
    return np.asarray((likeliest == labels[:, None]).any(1), np.float64)


TOP_5 = Metric(
    summary="Share of the examples whose true class is among the five likeliest; for six classes or more.",
    source="Russakovsky et al., ImageNet Large Scale Visual Recognition Challenge, 2015",
    tasks=(CLASSES,),
    better="higher",
    within=(0.0, 1.0),
    share=True,
    measure=top_5,
    parts=top_5_hits,
    paired="Agresti and Min's",
)
