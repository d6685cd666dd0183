"""Scores of runs that diverged: neither left out, which would hide them, nor infinite, which would hide the others."""

import math
from collections.abc import Sequence

from luthier.core.errors import BadInput


def worst_for_diverged(scores: Sequence[float], higher: bool = True) -> list[float]:
    """Put the worst finite score in the place of each that is not finite.

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
