"""The difference of two runs or studies that are paired."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from luthier.comparison.scores import BETTER, scores
from luthier.comparison.subject import RUN, Subject
from luthier.stats import Interval, crossed_interval, mcnemar, mean_interval, paired_share_interval, resampled_interval
from luthier.study import Folds


@dataclass(frozen=True)
class Difference:
    """Second less first in one metric.

    p: of no difference, None where no test is made. more: what else is to be told.
    """

    metric: str
    found: Interval | None
    method: str
    p: float | None = None
    test: str | None = None
    more: dict[str, int] | None = None

    def told(self) -> dict[str, Any]:
        """In plain values."""
        found = self.found
        return {
            "metric": self.metric,
            "better": BETTER[self.metric],
            "difference": found.estimate if found else None,
            "interval": [found.low, found.high] if found else None,
            "n": found.n if found else None,
            "method": self.method,
            "test": self.test,
            "p": self.p,
            **(self.more or {}),
        }


def differences(one: Subject, other: Subject) -> list[Difference]:
    """The difference in each metric that is a mean over examples, the deciding one first, of subjects that pair."""
    tables = [[scores(run) for run in subject.runs] for subject in (one, other)]
    found = []
    for metric in tables[0][0]:
        first, second = ([table[metric] for table in tables[k]] for k in (0, 1))
        if one.kind == RUN:
            found.append(_of_runs(metric, first[0], second[0]))
        elif one.kind == Folds.kind:
            found.append(_of_folds(metric, first, second, one.folds))
        else:
            found.append(_of_seeds(metric, np.stack(second) - np.stack(first)))
    return found


def _of_runs(metric: str, first: np.ndarray, second: np.ndarray) -> Difference:
    """Over examples; it says nothing about other seeds."""
    if metric == "accuracy":
        only_first, only_second = int((first > second).sum()), int((second > first).sum())
        return Difference(
            metric,
            paired_share_interval(only_first, only_second, len(first)),
            "Agresti and Min's, paired over examples",
            mcnemar(only_first, only_second),
            "McNemar's exact",
            {"only_first": only_first, "only_second": only_second},
        )
    found = mean_interval((second - first).tolist()) if len(first) > 1 else None
    return Difference(metric, found, "Student's t, paired over examples")


def _of_seeds(metric: str, differences: np.ndarray) -> Difference:
    method = "t of seeds crossed with examples, paired over both"
    if min(differences.shape) < 2:
        return Difference(metric, None, method)
    found, p = crossed_interval(differences)
    return Difference(metric, found, method, p, "t")


def _of_folds(metric: str, first: list[np.ndarray], second: list[np.ndarray], of_deal: int) -> Difference:
    """of_deal: folds in each deal, of which there may be several."""
    means = [float((b - a).mean()) for a, b in zip(first, second, strict=True)]
    return Difference(metric, resampled_interval(means, 1 / (of_deal - 1)), "Nadeau and Bengio's, paired over folds")
