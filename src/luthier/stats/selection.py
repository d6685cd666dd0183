"""From many trials to one that may be believed: the best by search, the winner of a race."""

import math
from collections.abc import Sequence

from luthier.core.errors import BadInput
from luthier.stats.diverged import worst_for_diverged


def best_first(scores: Sequence[float], most: int, higher: bool = True) -> list[int]:
    """Indices of the trials with the best scores, the best first; of equal ones the earlier is first.

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
    """Index of the configuration with the best mean over the seeds of a race; of equal ones the earlier.

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
