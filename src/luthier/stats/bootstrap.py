"""Intervals of figures that are functions of means, by drawing the examples again."""

from collections.abc import Callable

import numpy as np

from luthier.stats.intervals import Interval

FEWEST = 20
DRAWS = 1000
CHUNK = 1 << 22


def bootstrap_interval(
    columns: np.ndarray, figure: Callable[[np.ndarray], np.ndarray], confidence: float = 0.95
) -> Interval | None:
    """Percentile bootstrap interval of a smooth function of the means over n independent examples.

    columns: what is averaged, a row for each example (n, C).
    figure: from means (R, C) to one number each (R,).
    confidence: share of such intervals that hold the true figure, in (0, 1).
    Returns None below 20 examples, where such intervals are too narrow. The draws follow from n alone: equal examples
    give equal intervals.
    Source: Efron, Bootstrap methods: another look at the jackknife, 1979.

    >>> interval = bootstrap_interval(np.arange(100.0)[:, None], lambda means: means[:, 0])
    >>> interval.estimate, 43 < interval.low < 45, 54 < interval.high < 56
    (49.5, True, True)
    """
    n = len(columns)
    if n < FEWEST:
        return None
    rng = np.random.default_rng(n)
    at_once = max(1, CHUNK // n)
    draws = [min(at_once, DRAWS - done) for done in range(0, DRAWS, at_once)]
    means = np.concatenate([_counts(n, size, rng) @ columns for size in draws]) / n
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(figure(means), (tail, 1 - tail))
    estimate = figure(columns.mean(0, keepdims=True))[0]
    return Interval(float(estimate), float(low), float(high), n)


def _counts(n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """How often each of n examples is taken in each draw of n (draws, n)."""
    taken = rng.integers(n, size=(draws, n)) + np.arange(draws)[:, None] * n
    return np.bincount(taken.ravel(), minlength=draws * n).reshape(draws, n)
