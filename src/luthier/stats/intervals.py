"""Intervals that hold with few runs and with shares near 0 or 1; bootstrap, jackknife, crossed samples."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from luthier.core.errors import BadInput

Z = 1.959963984540054
"""Quantile of the normal distribution for two-sided 95%."""


@dataclass(frozen=True)
class Interval:
    """A point estimate with its two-sided interval, from n observations."""

    estimate: float
    low: float
    high: float
    n: int


def mean_interval(
    values: Sequence[float], confidence: float = 0.95, within: tuple[float, float] = (-math.inf, math.inf)
) -> Interval:
    """Compute Student's t interval for the mean of independent runs, the narrowest that holds below some 20 runs.

    values: one number per run, at least two.
    confidence: share of such intervals that hold the true mean, in (0, 1).
    within: where a mean can lie at all, such as (0, 1) for a share; what reaches beyond is cut off.
    Raises BadInput where fewer than two values are given or confidence is out of range.
    Source: Student, The probable error of a mean, 1908.

    >>> interval = mean_interval([1.0, 2.0, 3.0])
    >>> round(interval.low, 3), round(interval.high, 3)
    (-0.484, 4.484)
    """
    return _student(values, confidence, within, 0.0)


def resampled_interval(
    values: Sequence[float],
    ratio: float,
    confidence: float = 0.95,
    within: tuple[float, float] = (-math.inf, math.inf),
) -> Interval:
    """Compute an interval for the mean over folds or other splits of one data set, whose training examples overlap.

    values: one number per fold, at least two, those of repeated deals too.
    ratio: examples tested on for each trained on, at least 0; 1 / (K - 1) with K folds. It widens the interval.
    confidence, within: as for `mean_interval`. The interval is rather too wide than too narrow.
    Raises BadInput as `mean_interval`, and where the ratio is negative.
    Source: Nadeau and Bengio, Inference for the generalization error, 2003; for folds in several deals: Bouckaert and
    Frank, Evaluating the replicability of significance tests for comparing learning algorithms, 2004.

    >>> interval = resampled_interval([1.0, 2.0, 3.0], 1 / 2)
    >>> round(interval.low, 3), round(interval.high, 3)
    (-1.928, 5.928)
    """
    if not 0 <= ratio < math.inf:
        raise BadInput(f"ratio must be a number at least 0, but got {ratio}; with K folds it is 1 / (K - 1)")
    return _student(values, confidence, within, ratio)


def _student(values: Sequence[float], confidence: float, within: tuple[float, float], ratio: float) -> Interval:
    """Compute Student's t interval with the variance of the mean raised by ratio times the variance of one value."""
    from scipy.special import stdtrit

    n = len(values)
    if n < 2:
        raise BadInput(f"an interval needs at least 2 runs, but got {n}; ask for more seeds")
    if not 0 < confidence < 1:
        raise BadInput(f"confidence must lie between 0 and 1, but got {confidence}; the usual one is 0.95")
    mean = math.fsum(values) / n
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    half = float(stdtrit(n - 1, 0.5 + confidence / 2)) * deviation / math.sqrt(n) * math.sqrt(1 + n * ratio)
    return Interval(mean, max(mean - half, within[0]), min(mean + half, within[1]), n)


def share_interval(hits: int, n: int, z: float = Z) -> Interval:
    """Compute the score interval for a share, such as an accuracy over n independent examples; it stays inside [0, 1].

    hits: how many of the n; z: quantile of the normal distribution, 1.96 for 95%.
    Raises BadInput where n is not positive or hits lies outside [0, n].
    Source: Wilson, Probable inference, the law of succession, and statistical inference, 1927.

    >>> interval = share_interval(9, 10)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.5958, 0.9821)
    """
    if not (0 <= hits <= n and n > 0):
        raise BadInput(f"a share needs 0 <= hits <= n and n > 0, but got hits={hits}, n={n}; pass counts of examples")
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(share, centre - half if hits else 0.0, centre + half if hits < n else 1.0, n)


FEWEST = 20


DRAWS = 1000


CHUNK = 1 << 22


def bootstrap_interval(
    columns: np.ndarray,
    figure: Callable[[np.ndarray], np.ndarray],
    confidence: float = 0.95,
    times: np.ndarray | None = None,
) -> Interval | None:
    """Compute a percentile bootstrap interval of a smooth function of the means over n independent examples.

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
    """Draw how often each example, or kind of example, is taken in each draw of n (draws, rows)."""
    if times is not None:
        return rng.multinomial(n, times / n, size=draws)
    taken = rng.integers(n, size=(draws, n)) + np.arange(draws)[:, None] * n
    return np.bincount(taken.ravel(), minlength=draws * n).reshape(draws, n)


def jackknife_parts(columns: np.ndarray, figure: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Compute a value for each example (n,), such that their mean and its standard error are those of the statistic.

    columns: what is averaged, a row for each of n independent examples (n, C), n at least 2.
    figure: a smooth function from means (R, C) to one number each (R,).
    Source: Tukey, Bias and confidence in not-quite large samples, 1958, without his correction of the bias.

    >>> jackknife_parts(np.array([[1.0], [2.0], [6.0]]), lambda means: means[:, 0]).tolist()
    [1.0, 2.0, 6.0]
    """
    n, total = len(columns), columns.sum(0)
    without = figure((total - columns) / (n - 1))
    return np.asarray(figure(total[None] / n)[0] + (n - 1) * (without.mean() - without))


def crossed_interval(differences: np.ndarray, confidence: float = 0.95) -> tuple[Interval, float]:
    """Compute an interval for the mean difference over seeds and examples, and the two-sided p-value of no difference.

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
    """Compute the variance of the mean and its degrees of freedom."""
    seeds, examples = differences.shape
    rows, columns = differences.mean(1, keepdims=True), differences.mean(0, keepdims=True)
    degrees = np.array([seeds - 1, examples - 1, (seeds - 1) * (examples - 1)])
    rest = differences - rows - columns + differences.mean()
    squares = np.array([examples * rows.var() * seeds, seeds * columns.var() * examples, (rest**2).sum()]) / degrees
    together = float(squares[0] + squares[1] - squares[2])
    if together <= squares[2]:
        return float(squares[2]) / (seeds * examples), float(degrees[2])
    return together / (seeds * examples), float(together**2 / (squares**2 / degrees).sum())
