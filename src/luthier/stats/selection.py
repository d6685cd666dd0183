"""From many trials to one that can be trusted: the best of a search, the winner of a race, its confirmation."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from luthier.core.errors import BadInput
from luthier.stats.intervals import Interval, resampled_interval


def best_first(scores: Sequence[float], most: int, higher: bool = True) -> list[int]:
    """Return the indices of the trials with the best scores, the best first; of equal ones the earlier is first.

    scores: one number per trial; one that is not finite stands for a diverged trial and is never chosen.
    most: how many at most, at least 1. higher: whether larger scores are better.
    Their scores are optimistic: that they were chosen for them is part of the reason why they are good.
    Raises BadInput where most is below 1.

    >>> best_first([0.5, 0.9, float("nan"), 0.8], 2)
    [1, 3]
    """
    if most < 1:
        raise BadInput(f"at least 1 trial must be chosen, but got {most}; five is usual")
    sign = -1 if higher else 1
    finite = [index for index, score in enumerate(scores) if math.isfinite(score)]
    return sorted(finite, key=lambda index: sign * scores[index])[:most]


def race_winner(scores: Sequence[Sequence[float]], higher: bool = True) -> int:
    """Return the index of the configuration with the best mean over the seeds of a race; of equal ones the earlier.

    scores: for each configuration its scores on the same seeds, which are not those of the search. One that is not
        finite counts as the worst finite one of the race.
    higher: whether larger scores are better.
    The winner's mean is optimistic, as it was chosen for it: judge it on further seeds with `judge`.
    Raises BadInput where there is no configuration, where they have different numbers of seeds, and where no score is
    finite.

    >>> race_winner([[0.7, 0.9], [0.8, 0.9]])
    1
    """
    seeds = {len(row) for row in scores}
    if len(seeds) != 1 or 0 in seeds:
        sizes = [len(row) for row in scores]
        raise BadInput(f"a race needs as many scores for each configuration, but got {sizes}; run all on all seeds")
    width = seeds.pop()
    counted = worst_for_diverged([score for row in scores for score in row], higher)
    sums = [math.fsum(counted[start : start + width]) for start in range(0, len(counted), width)]
    return sums.index(max(sums) if higher else min(sums))


POINT = 0.001
"""A tenth of a percentage point: the smallest difference of shares that is worth a word."""


MOST_PAIRS = 1000


BEATS = "beats the default"


NOT_WORSE = "not worse than the default by more than delta"


WORSE = "worse than the default"


NOT_RESOLVED = "not resolved"


@dataclass(frozen=True)
class Judgement:
    """What fresh pairs of runs say about a winner and the default.

    gain: mean of the winner's scores less the default's, turned so that above 0 the winner is better, with its 95%
        interval from n pairs.
    delta: the difference that does not matter. verdict: one of the four words above.
    further_pairs: about how many more pairs would resolve it; None where it is resolved, or where no number would.
    ships: whether the winner is to be shipped. diverged: how many of the runs diverged.
    """

    gain: Interval
    delta: float
    verdict: str
    further_pairs: int | None
    ships: bool
    diverged: int


def judge(
    default: Sequence[float], winner: Sequence[float], higher: bool = True, share: bool = True, ratio: float = 0.0
) -> Judgement:
    """Judge the winner of a search against the default by runs of both on the same fresh seeds.

    default, winner: one score per seed, at least two, in the same order of seeds. One that is not finite stands for a
        run that diverged and counts as the worst finite score of both.
    higher: whether larger scores are better. share: whether they are shares in [0, 1], such as an accuracy.
    ratio: examples scored for each trained on, where each seed deals these parts of one data set anew; 0 where it does
        not. It widens the interval as in `resampled_interval`.
    Delta is half the standard deviation of the default's runs that did not diverge, and at least 0.001 for shares. The
    winner ships where its mean gain is above 0 and the interval leaves out a loss of delta or more.
    Raises BadInput where the scores do not pair, are fewer than two pairs, or none is finite.
    Source of the rule: Schneider et al., Overtuning in hyperparameter optimization, 2025, on winners that lose to the
    default.

    >>> judge([0.90, 0.91, 0.89], [0.93, 0.95, 0.94]).verdict
    'beats the default'
    """
    _check_pairs(default, winner)
    counted = worst_for_diverged([*default, *winner], higher)
    pairs = zip(counted[: len(default)], counted[len(default) :], strict=True)
    gains = [second - first if higher else first - second for first, second in pairs]
    gain = resampled_interval(gains, ratio, within=(-1.0, 1.0) if share else (-math.inf, math.inf))
    delta = max(_deviation([score for score in default if math.isfinite(score)]) / 2, POINT if share else 0.0)
    verdict = _verdict(gain, delta)
    further = _further_pairs(gains, ratio, delta) if verdict == NOT_RESOLVED else None
    ships = gain.estimate > 0 and gain.low > -delta
    return Judgement(
        gain, delta, verdict, further, ships, sum(not math.isfinite(score) for score in (*default, *winner))
    )


def _check_pairs(default: Sequence[float], winner: Sequence[float]) -> None:
    if len(default) != len(winner):
        raise BadInput(
            f"the default and the winner must have as many scores, but got {len(default)} and {len(winner)}; "
            "run both on the same seeds"
        )


def _verdict(gain: Interval, delta: float) -> str:
    if gain.low > 0:
        return BEATS
    if gain.low > -delta:
        return NOT_WORSE
    return WORSE if gain.high < 0 else NOT_RESOLVED


def _deviation(values: Sequence[float]) -> float:
    """Compute the standard deviation over runs; 0 for fewer than two."""
    if len(values) < 2:
        return 0.0
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _further_pairs(gains: Sequence[float], ratio: float, delta: float) -> int | None:
    """Estimate how many more pairs would resolve it, if their mean and deviation were those of the pairs there are."""
    from scipy.special import stdtrit

    mean, deviation, n = math.fsum(gains) / len(gains), _deviation(gains), len(gains)
    room = max(mean + delta, -mean)  # half a width below this leaves out a loss of delta, or any gain
    for pairs in range(n + 1, n + MOST_PAIRS + 1):
        if float(stdtrit(pairs - 1, 0.975)) * deviation * math.sqrt(1 / pairs + ratio) < room:
            return pairs - n
    return None


def expected_best(scores: Sequence[float], higher: bool = True) -> list[float]:
    """Compute the expected best score of 1, 2, ... up to all of the trials: the mean over all subsets of that size.

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
    """Compute the mean of the best over all subsets of size n.

    The i-th best is the best in C(m - i, n - 1) of the C(m, n) subsets.
    """
    m = len(best_last)
    worse = np.arange(m - 1, n - 1, -1)  # how many are worse than each that can be the best of n, but for the worst
    shares = np.cumprod(np.concatenate([[n / m], (worse - n + 1) / worse]))
    return math.fsum(shares * best_last[::-1][: m - n + 1])


def worst_for_diverged(scores: Sequence[float], higher: bool = True) -> list[float]:
    """Replace each score that is not finite by the worst finite one.

    scores: one number per run; one that is not finite stands for a run that diverged.
    higher: whether larger scores are better.
    Raises BadInput where no score is finite.

    >>> worst_for_diverged([0.9, float("nan"), 0.7])
    [0.9, 0.7, 0.7]
    """
    finite = [score for score in scores if math.isfinite(score)]
    if not finite:
        raise BadInput(f"at least one score must be finite, but got {list(scores)}; lower the learning rate")
    worst = min(finite) if higher else max(finite)
    return [score if math.isfinite(score) else worst for score in scores]
