"""Intervals that keep their promise with few runs and with shares near 0 or 1."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

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
    """Student's t interval for the mean of independent runs; nothing narrower is honest below some 20 runs.

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
    """Interval for the mean over folds or other draws from one data set, whose training examples overlap.

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
    """Student's t interval with the variance of the mean raised by ratio times that of one value."""
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
    """Score interval for a share, such as an accuracy over n independent examples; it stays inside [0, 1].

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
