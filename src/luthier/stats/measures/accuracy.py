"""Accuracy."""

from luthier.stats.intervals import share_interval
from luthier.stats.measures.figure import MetricValue, metric_value
from luthier.stats.measures.metric import CLASSES, Metric

METHOD = "Wilson's score"


def accuracy(hits: int, n: int) -> MetricValue:
    """Share of the n examples whose likeliest class is the true one: 0 none, 1 all; n at least 1.

    >>> accuracy(1, 2).value
    0.5
    """
    return metric_value(hits / n, lambda: share_interval(hits, n), METHOD)


ACCURACY = Metric(
    summary="Share of the examples whose likeliest class is the true one.",
    source="Hand, Construction and assessment of classification rules, 1997",
    tasks=(CLASSES,),
    better="higher",
    within=(0.0, 1.0),
    share=True,
)
