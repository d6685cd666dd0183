"""What a metric is, and the value that it gives."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from luthier.core.card import Card
from luthier.stats.intervals import Interval

if TYPE_CHECKING:
    from torch import Tensor

Metrics = dict[str, Any]
"""Metrics of one part by name, and n; what is not finite or not defined is None."""

WORST = -1.7976931348623157e308
"""The score of a metric that is not finite: the lowest number that JSON can hold."""

Find = Callable[[], Interval | None]
"""Finds an interval only when it is read: not after each epoch of a training, which would take long."""


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
        """The 95% interval over examples; None where there are too few for one, or where an end is not finite."""
        found = self.find()
        ends = (found.low, found.high) if found else (math.nan, math.nan)
        return ends if all(map(math.isfinite, ends)) else None


def metric_value(value: float, find: Find, method: str) -> MetricValue:
    """Make the value of a metric, with a function that finds its interval.

    >>> metric_value(0.5, lambda: None, "Student's t").interval is None
    True
    """
    return MetricValue(float(value), find, method)


def undefined(why: str, method: str = "") -> MetricValue:
    """Make the value of a metric that is not defined here.

    >>> undefined("all examples are of one class").undefined
    'all examples are of one class'
    """
    return MetricValue(None, lambda: None, method, why)


Measure = Callable[[np.ndarray, np.ndarray], MetricValue]


Parts = Callable[[np.ndarray, np.ndarray], np.ndarray | None]


Quick = Callable[["Tensor", "Tensor"], "Tensor"]


CLASSES, VALUES = "classification", "regression"


STUDENT = "Student's t"


@dataclass(frozen=True, kw_only=True)
class Metric(Card):
    """The card of a metric.

    tasks: what is predicted where it makes sense. better: which way. within: where it can lie at all.
    share: whether it is written as a percentage.
    measure: from probabilities (M, K), float64, rows that sum to 1, and labels (M,), or from predictions (M, D) and
        values (M, D), float64, to a metric value; M at least 1. None for what is known wherever a network is evaluated.
    quick: the value of `measure` alone, from tensors of double precision: what training tells after each epoch. It adds
        up in another order, so that its last bits differ. None where `measure`, or a count of hits, serves there too.
    parts: from the same to numbers of each example (M,) whose mean is the metric and whose spread is its own, so that
        differences of it are differences of means. None where there are no such numbers, on any part or on this one.
    paired: how the interval of a difference over such numbers is called.
    """

    tasks: tuple[str, ...]
    better: Literal["higher", "lower"]
    within: tuple[float, float] = (0.0, math.inf)
    share: bool = False
    measure: Measure | None = None
    quick: Quick | None = None
    parts: Parts | None = None
    paired: str = STUDENT

    @property
    def higher(self) -> bool:
        """Whether a larger value is better."""
        return self.better == "higher"

    def score(self, value: float | None) -> float:
        """Turn a value of the metric into a score, of which more is always better.

        >>> card = {"summary": "Distance.", "source": "geometry", "tasks": (VALUES,)}
        >>> Metric(better="lower", **card).score(0.25)
        -0.25
        """
        if value is None:
            return WORST
        return float(value) if self.higher else -float(value)
