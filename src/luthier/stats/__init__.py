"""Arrays in, numbers out: the intervals behind every figure that Luthier prints."""

from luthier.stats.bootstrap import bootstrap_interval
from luthier.stats.crossed import crossed_interval
from luthier.stats.holm import holm
from luthier.stats.intervals import Interval, mean_interval, resampled_interval, share_interval
from luthier.stats.paired import mcnemar, paired_mean_interval, paired_share_interval

__all__ = [
    "Interval",
    "bootstrap_interval",
    "crossed_interval",
    "holm",
    "mcnemar",
    "mean_interval",
    "paired_mean_interval",
    "paired_share_interval",
    "resampled_interval",
    "share_interval",
]
