"""The difference of two runs or studies that are paired."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from luthier.comparison.scores import GAPS, HITS, scores
from luthier.comparison.subject import RUN, ComparedRun
from luthier.stats import (
    Interval,
    crossed_interval,
    mcnemar,
    paired_mean_interval,
    paired_share_interval,
    resampled_interval,
)
from luthier.stats.measures import METRICS
from luthier.stats.measures.ece import METHOD, ece_difference
from luthier.stats.measures.metric import STUDENT
from luthier.study import Folds

FEWEST = 20
"""Examples below which the interval of what is no plain mean is too narrow."""


@dataclass(frozen=True)
class Difference:
    """Second less first in one metric.

    found: its interval, None where there is none that holds. p: of no difference, None where no test is made. more:
    what else is to be told.
    """

    metric: str
    estimate: float
    found: Interval | None
    method: str
    p: float | None = None
    test: str | None = None
    more: dict[str, int] | None = None

    def to_dict(self) -> dict[str, Any]:
        """In plain values."""
        found = self.found
        return {
            "metric": self.metric,
            "better": METRICS[self.metric].better,
            "difference": self.estimate,
            "interval": [found.low, found.high] if found else None,
            "n": found.n if found else None,
            "method": self.method,
            "test": self.test,
            "p": self.p,
            **(self.more or {}),
        }


def differences(one: ComparedRun, other: ComparedRun) -> list[Difference]:
    """The difference in each metric, the one that decides in the first subject before the others.

    A metric that nothing defines in some run is left out.
    """
    tables = [[scores(run) for run in subject.runs] for subject in (one, other)]
    everywhere = [metric for metric in tables[0][0] if all(metric in table for some in tables for table in some)]
    return [_difference(metric, one, *([table[metric] for table in some] for some in tables)) for metric in everywhere]


def _difference(metric: str, one: ComparedRun, first: list[np.ndarray], second: list[np.ndarray]) -> Difference:
    if one.kind == RUN:
        return _of_runs(metric, first[0], second[0])
    if metric == GAPS:
        estimate = float(np.mean([_error(b) - _error(a) for a, b in zip(first, second, strict=True)]))
        return Difference(metric, estimate, None, "none is known that holds over several runs")
    if one.kind == Folds.kind:
        return _of_folds(metric, first, second, one.folds)
    return _of_seeds(metric, np.stack(second) - np.stack(first))


def _of_runs(metric: str, first: np.ndarray, second: np.ndarray) -> Difference:
    """Over examples; it says nothing about other seeds."""
    if metric in HITS:
        return _of_hits(metric, first, second)
    if metric == GAPS:
        return Difference(metric, _error(second) - _error(first), ece_difference(first, second), METHOD)
    estimate = float(second.mean() - first.mean())
    way = METRICS[metric].paired
    method = f"{way}, paired over examples"
    tested = paired_mean_interval(second - first) if way == STUDENT or len(first) >= FEWEST else None
    if tested is None:
        return Difference(metric, estimate, None, method)
    found, p = tested
    return Difference(metric, estimate, found, method, p, "t")


def _of_hits(metric: str, first: np.ndarray, second: np.ndarray) -> Difference:
    only_first, only_second = int((first > second).sum()), int((second > first).sum())
    found = paired_share_interval(only_first, only_second, len(first))
    return Difference(
        metric,
        found.estimate,
        found,
        "Agresti and Min's, paired over examples",
        mcnemar(only_first, only_second),
        "McNemar's exact",
        {"only_first": only_first, "only_second": only_second},
    )


def _of_seeds(metric: str, differences: np.ndarray) -> Difference:
    method, estimate = "t of seeds crossed with examples, paired over both", float(differences.mean())
    if min(differences.shape) < 2:
        return Difference(metric, estimate, None, method)
    found, p = crossed_interval(differences)
    return Difference(metric, estimate, found, method, p, "t")


def _of_folds(metric: str, first: list[np.ndarray], second: list[np.ndarray], of_deal: int) -> Difference:
    """of_deal: folds in each deal, of which there may be several."""
    means = [float(b.mean() - a.mean()) for a, b in zip(first, second, strict=True)]
    found = resampled_interval(means, 1 / (of_deal - 1))
    return Difference(metric, found.estimate, found, "Nadeau and Bengio's, paired over folds")


def _error(gaps: np.ndarray) -> float:
    """The ECE of a part."""
    return float(np.abs(gaps.mean(0)).sum())
