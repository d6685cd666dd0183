"""Arrays in, numbers out: the intervals behind every figure that Luthier prints."""

from luthier.stats.bootstrap import bootstrap_interval
from luthier.stats.crossed import crossed_interval
from luthier.stats.diverged import worst_for_diverged
from luthier.stats.expected_best import expected_best
from luthier.stats.holm import holm
from luthier.stats.intervals import Interval, mean_interval, resampled_interval, share_interval
from luthier.stats.judgement import Judgement, judge
from luthier.stats.paired import mcnemar, paired_mean_interval, paired_share_interval
from luthier.stats.selection import best_first, race_winner

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
