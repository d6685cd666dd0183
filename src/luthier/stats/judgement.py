"""Whether the winner of a search is better than the default, on seeds that chose neither."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from luthier.core.errors import BadInput
from luthier.stats.diverged import worst_for_diverged
from luthier.stats.intervals import Interval, resampled_interval

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
    return Judgement(gain, delta, verdict, further, ships, sum(not math.isfinite(one) for one in (*default, *winner)))


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
    """Standard deviation of a run, or 0 where fewer than two tell nothing of it."""
    if len(values) < 2:
        return 0.0
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _further_pairs(gains: Sequence[float], ratio: float, delta: float) -> int | None:
    """About how many more pairs would resolve it, were their mean and deviation those of the pairs there are."""
    from scipy.special import stdtrit

    mean, deviation, n = math.fsum(gains) / len(gains), _deviation(gains), len(gains)
    room = max(mean + delta, -mean)  # half a width below this leaves out a loss of delta, or any gain
    for pairs in range(n + 1, n + MOST_PAIRS + 1):
        if float(stdtrit(pairs - 1, 0.975)) * deviation * math.sqrt(1 / pairs + ratio) < room:
            return pairs - n
    return None
