"""Arrays in, numbers out: the intervals behind every figure that Luthier prints."""

from luthier.stats.intervals import Interval, mean_interval, share_interval

__all__ = ["Interval", "mean_interval", "share_interval"]
