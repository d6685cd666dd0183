"""Intervals of figures that are functions of means, by drawing the examples again."""

from collections.abc import Callable

import numpy as np

from luthier.stats.intervals import Interval

FEWEST = 20
DRAWS = 1000
CHUNK = 1 << 22


def bootstrap_interval(
    columns: np.ndarray,
    figure: Callable[[np.ndarray], np.ndarray],
    confidence: float = 0.95,
    times: np.ndarray | None = None,
) -> Interval | None:
    """Percentile bootstrap interval of a smooth function of the means over n independent examples.

    columns: what is averaged, a row for each example (n, C), or for each kind of example where times are given.
    figure: from means (R, C) to one number each (R,).
    confidence: share of such intervals that hold the true figure, in (0, 1).
    times: how many examples are of each kind; many that are alike are then drawn at once.
    Returns None below 20 examples, where such intervals are too narrow, and where all draws are alike: nothing then
    says how far the figure may vary. The draws follow from n alone: equal examples give equal intervals.
    Source: Efron, Bootstrap methods: another look at the jackknife, 1979.

    >>> interval = bootstrap_interval(np.arange(100.0)[:, None], lambda means: means[:, 0])
    >>> interval.estimate, 43 < interval.low < 45, 54 < interval.high < 56
    (49.5, True, True)
    """
    n = len(columns) if times is None else int(times.sum())
    if n < FEWEST:
        return None
    rng = np.random.default_rng(n)
    at_once = max(1, CHUNK // len(columns))
    draws = [min(at_once, DRAWS - done) for done in range(0, DRAWS, at_once)]
    drawn = figure(np.concatenate([_counts(n, size, rng, times) @ columns for size in draws]) / n)
    if np.nanmax(drawn) == np.nanmin(drawn):
        return None
    low, high = np.nanquantile(drawn, ((1 - confidence) / 2, (1 + confidence) / 2))
    estimate = figure(np.average(columns, axis=0, weights=times)[None])[0]
    return Interval(float(estimate), float(low), float(high), n)


def _counts(n: int, draws: int, rng: np.random.Generator, times: np.ndarray | None) -> np.ndarray:
    """How often each example, or kind of example, is taken in each draw of n (draws, rows)."""
    if times is not None:
        return rng.multinomial(n, times / n, size=draws)
    taken = rng.integers(n, size=(draws, n)) + np.arange(draws)[:, None] * n
    return np.bincount(taken.ravel(), minlength=draws * n).reshape(draws, n)
