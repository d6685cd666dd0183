"""Arrays in, numbers out: the intervals behind every figure that Luthier prints."""

from luthier.stats.hypothesis_tests import holm, mcnemar, paired_mean_interval, paired_share_interval
from luthier.stats.intervals import (
    Interval,
    bootstrap_interval,
    crossed_interval,
    mean_interval,
    resampled_interval,
    share_interval,
)
from luthier.stats.selection import Judgement, best_first, expected_best, judge, race_winner, worst_for_diverged

__all__ = [
    "Interval",
    "Judgement",
    "best_first",
    "bootstrap_interval",
    "crossed_interval",
    "expected_best",
    "holm",
    "judge",
    "mcnemar",
    "mean_interval",
    "paired_mean_interval",
    "paired_share_interval",
    "race_winner",
    "resampled_interval",
    "share_interval",
    "worst_for_diverged",
]
