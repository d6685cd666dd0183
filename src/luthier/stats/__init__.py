"""Arrays in, numbers out: the intervals behind every figure that Luthier prints."""

from luthier.stats.bootstrap import bootstrap_interval
from luthier.stats.intervals import Interval, mean_interval, resampled_interval, share_interval

__all__ = ["Interval", "bootstrap_interval", "mean_interval", "resampled_interval", "share_interval"]
