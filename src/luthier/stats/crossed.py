"""Differences over seeds and examples at once: more seeds make nobody surer about examples that were not seen."""

import math

import numpy as np

from luthier.core.errors import BadInput
from luthier.stats.intervals import Interval


def crossed_interval(differences: np.ndarray, confidence: float = 0.95) -> tuple[Interval, float]:
    """Interval for the mean difference over other seeds and other examples, and the two-sided p-value of none.

    differences: of two recipes, under each seed in rows and on each example in columns (S, M), at least two of each.
    confidence: share of such intervals that hold the true difference, in (0, 1).
    The variance of the mean is (seeds + examples - rest) / (S M), mean squares of a two-way table with one value a
    cell, no less than that of the rest; the degrees of freedom are Satterthwaite's.
    Raises BadInput where there are fewer.
    Source: Cornfield and Tukey, Average values of mean squares in factorials, 1956; Satterthwaite, An approximate
    distribution of estimates of variance components, 1946.

    >>> interval, p = crossed_interval(np.array([[0.0, 1.0, 1.0], [1.0, 1.0, 0.0]]))
    >>> round(interval.estimate, 3), interval.low < 0 < interval.high, p > 0.05
    (0.667, True, True)
    """
    from scipy.special import stdtr, stdtrit

    seeds, examples = differences.shape
    if min(seeds, examples) < 2:
        raise BadInput(f"an interval needs at least 2 seeds and 2 examples, but got {seeds} and {examples}; add more")
    mean = float(differences.mean())
    variance, freedom = _variance_of_mean(differences)
    error = math.sqrt(variance)
    if error == 0:
        return Interval(mean, mean, mean, seeds), 1.0 if mean == 0 else 0.0
    half = float(stdtrit(freedom, 0.5 + confidence / 2)) * error
    return Interval(mean, mean - half, mean + half, seeds), 2 * float(stdtr(freedom, -abs(mean) / error))


def _variance_of_mean(differences: np.ndarray) -> tuple[float, float]:
    """The variance of the mean and its degrees of freedom."""
    seeds, examples = differences.shape
    rows, columns = differences.mean(1, keepdims=True), differences.mean(0, keepdims=True)
    degrees = np.array([seeds - 1, examples - 1, (seeds - 1) * (examples - 1)])
    rest = differences - rows - columns + differences.mean()
    squares = np.array([examples * rows.var() * seeds, seeds * columns.var() * examples, (rest**2).sum()]) / degrees
    together = float(squares[0] + squares[1] - squares[2])
    if together <= squares[2]:
        return float(squares[2]) / (seeds * examples), float(degrees[2])
    return together / (seeds * examples), float(together**2 / (squares**2 / degrees).sum())
