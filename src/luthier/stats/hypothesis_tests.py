"""Tests of differences: between two networks on the same examples, and of many differences at once."""

import math
from collections.abc import Sequence

import numpy as np

from luthier.core.errors import BadInput
from luthier.stats.intervals import Interval, Z, mean_interval


def mcnemar(only_first: int, only_second: int) -> float:
    """Compute the exact two-sided p-value of the hypothesis that two networks err equally often (McNemar's test).

    It takes the examples that exactly one of the two got right.

    only_first, only_second: how many, at least 0. 1 where there are none or as many of each.
    Source: McNemar, Note on the sampling error of the difference between correlated proportions or percentages, 1947;
    the exact form is the sign test.

    >>> mcnemar(5, 0)
    0.0625
    """
    from scipy.stats import binomtest

    _check(only_first, only_second, only_first + only_second)
    n = only_first + only_second
    return float(binomtest(only_first, n).pvalue) if n else 1.0


def paired_share_interval(only_first: int, only_second: int, n: int, z: float = Z) -> Interval:
    """Compute an interval for the second share minus the first, both of the same n examples; it stays within [-1, 1].

    only_first, only_second: examples that one alone got right. z: quantile of the normal distribution, 1.96 for 95%.
    The estimate is the observed difference; the interval is that of Wald with half an example added to each of the four
    kinds of pairs.
    Raises BadInput where the counts are negative or more than n.
    Source: Agresti and Min, Simple improved confidence intervals for comparing matched proportions, 2005.

    >>> interval = paired_share_interval(5, 15, 100)
    >>> interval.estimate, round(interval.low, 3), round(interval.high, 3)
    (0.1, 0.012, 0.184)
    """
    _check(only_first, only_second, n)
    first, second, more = only_first + 0.5, only_second + 0.5, n + 2
    centre = (second - first) / more
    half = z * math.sqrt(first + second - (second - first) ** 2 / more) / more
    return Interval((only_second - only_first) / n, max(centre - half, -1.0), min(centre + half, 1.0), n)


def paired_mean_interval(differences: np.ndarray) -> tuple[Interval, float] | None:
    """Compute Student's t interval for a mean difference over examples, and the two-sided p-value of no difference.

    differences: of two networks on each of n examples (n,). None where all are equal, as where there is but one:
    nothing then says how far the mean may vary.
    Source: Student, The probable error of a mean, 1908.

    >>> interval, p = paired_mean_interval(np.array([1.0, 2.0, 3.0]))
    >>> round(interval.low, 3), round(p, 3)
    (-0.484, 0.074)
    """
    from scipy.special import stdtr

    n = len(differences)
    if n < 2 or differences.max() == differences.min():
        return None
    error = differences.std(ddof=1) / math.sqrt(n)
    return mean_interval(differences.tolist()), 2 * float(stdtr(n - 1, -abs(differences.mean()) / error))


def _check(only_first: int, only_second: int, n: int) -> None:
    if min(only_first, only_second) < 0 or only_first + only_second > n:
        raise BadInput(
            f"counts of pairs must be at least 0 and at most the n examples together, but got {only_first} and "
            f"{only_second} of {n}; pass counts of examples"
        )


def holm(values: Sequence[float]) -> list[float]:
    """Adjust p-values for many comparisons, so that the chance of any false claim stays at the level they are read at.

    Source: Holm, A simple sequentially rejective multiple test procedure, 1979.

    >>> holm([0.01, 0.04, 0.02])
    [0.03, 0.04, 0.04]
    """
    order = sorted(range(len(values)), key=lambda k: values[k])
    raised, least = [0.0] * len(values), 0.0
    for place, k in enumerate(order):
        least = max(least, min(1.0, values[k] * (len(values) - place)))
        raised[k] = least
    return raised
