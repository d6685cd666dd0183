"""What a metric comes to."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from luthier.stats.intervals import Interval

Find = Callable[[], Interval | None]
"""Finds an interval when it is asked for: while a network trains, after each epoch, nobody asks."""


@dataclass(frozen=True)
class MetricValue:
    """A metric of one part.

    value: None where nothing defines it; undefined says why. find: its interval. method: how that is found.
    """

    value: float | None
    find: Find = field(repr=False, compare=False)
    method: str
    undefined: str | None = None

    @cached_property
    def interval(self) -> tuple[float, float] | None:
        """95% over examples; None where there are too few for one, or where an end is not finite."""
        found = self.find()
        ends = (found.low, found.high) if found else (math.nan, math.nan)
        return ends if all(map(math.isfinite, ends)) else None


def metric_value(value: float, find: Find, method: str) -> MetricValue:
    """Put a value and the way to its interval together.

    >>> metric_value(0.5, lambda: None, "Student's t").interval is None
    True
    """
    return MetricValue(float(value), find, method)


def undefined(why: str, method: str = "") -> MetricValue:
    """The figure of a metric that nothing defines here.

    >>> undefined("all examples are of one class").undefined
    'all examples are of one class'
    """
    return MetricValue(None, lambda: None, method, why)
