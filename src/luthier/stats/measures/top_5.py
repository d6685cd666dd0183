"""Accuracy among the five likeliest classes."""

import numpy as np

from luthier.stats.intervals import share_interval
from luthier.stats.measures.figure import Figure, figure

METHOD = "Wilson's score"
TOP = 5


def top_5(probabilities: np.ndarray, labels: np.ndarray) -> Figure:
    """Share of the examples whose true class is among the five likeliest: 0 none, 1 all.

    Undefined with five classes or fewer, where it is 1 whatever the answers are.
    Source: Russakovsky et al., ImageNet Large Scale Visual Recognition Challenge, 2015.

    >>> top_5(np.full((1, 5), 0.2), np.array([4])).undefined
    'with 5 classes every answer is among the top 5'
    """
    from sklearn.metrics import top_k_accuracy_score

    n, classes = probabilities.shape
    if classes <= TOP:
        return Figure(None, None, METHOD, f"with {classes} classes every answer is among the top {TOP}")
    hits = int(top_k_accuracy_score(labels, probabilities, k=TOP, normalize=False, labels=np.arange(classes)))
    return figure(hits / n, share_interval(hits, n), METHOD)
