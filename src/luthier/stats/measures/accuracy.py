"""Accuracy."""

from luthier.stats.intervals import share_interval
from luthier.stats.measures.figure import Figure, figure

METHOD = "Wilson's score"


def accuracy(hits: int, n: int) -> Figure:
    """Share of the n examples whose likeliest class is the true one: 0 none, 1 all; n at least 1.

    >>> accuracy(1, 2).value
    0.5
    """
    return figure(hits / n, share_interval(hits, n), METHOD)
