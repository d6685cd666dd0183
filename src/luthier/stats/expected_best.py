"""What the best of fewer trials would have scored: whether a search needed all of its budget."""

import math
from collections.abc import Sequence

import numpy as np

from luthier.stats.diverged import worst_for_diverged


def expected_best(scores: Sequence[float], higher: bool = True) -> list[float]:
    """Score expected of the best of 1, 2, ... up to all of the trials: each the mean over all subsets of that size.

    scores: one number per trial, at least one, in any order; one that is not finite stands for a diverged trial and
        counts as the worst finite one, since an infinite loss would make every mean infinite.
    higher: whether the best score is the largest; otherwise the smallest.
    Each is unbiased for the best of n further trials drawn alike. Subsets are taken without replacement: with it, as in
    the estimate first published, the curve lies too low.
    Raises BadInput where no score is finite.
    Source: Tang et al., Showing your work doesn't always work, 2020, after Dodge et al., Show your work, 2019.

    >>> expected_best([0.5, 0.8, 0.6])
    [0.6333..., 0.7333..., 0.8]
    """
    ordered = np.sort(worst_for_diverged(scores, higher))
    best_last = ordered if higher else ordered[::-1]
    return [_mean_of_best(best_last, n) for n in range(1, len(scores) + 1)]


def _mean_of_best(best_last: np.ndarray, n: int) -> float:
    """Mean of the best over all subsets of size n: the i-th best is it in C(m - i, n - 1) of the C(m, n) subsets."""
    m = len(best_last)
    worse = np.arange(m - 1, n - 1, -1)  # how many are worse than each that can be the best of n, but for the worst
    shares = np.cumprod(np.concatenate([[n / m], (worse - n + 1) / worse]))
    return math.fsum(shares * best_last[::-1][: m - n + 1])
