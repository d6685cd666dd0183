"""What a metric comes to."""

import math
from dataclasses import dataclass

from luthier.stats.intervals import Interval


@dataclass(frozen=True)
class Figure:
    """A metric of one part.

    value: None where nothing defines it; undefined says why. interval: 95% over examples, None where there are too few
    examples for one. method: how the interval is found.
    """

    value: float | None
    interval: tuple[float, float] | None
    method: str
    undefined: str | None = None


def figure(value: float, interval: Interval | None, method: str) -> Figure:
    """Put a value and its interval together; an end that is not finite leaves no interval.

    >>> figure(0.5, None, "Student's t")
    Figure(value=0.5, interval=None, method="Student's t", undefined=None)
    """
    ends = (interval.low, interval.high) if interval else (math.nan, math.nan)
    return Figure(float(value), ends if all(map(math.isfinite, ends)) else None, method)
