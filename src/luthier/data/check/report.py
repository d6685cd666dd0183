"""Every check in turn; one report of all that was found."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from luthier.data.check import labels, near_duplicates, target_leaks, values
from luthier.data.check.finding import NAMES, Finding, count_classes, given_part_numbers, worst_first
from luthier.data.dataset import Dataset

CHECKS = (
    labels.find_imbalance,
    values.find_blank,
    labels.find_missing_classes,
    values.find_column_faults,
    labels.find_duplicates,
    values.find_non_finite,
    labels.find_label_faults,
    labels.find_leaks,
    near_duplicates.find_near_duplicates,
    target_leaks.find_target_leaks,
    values.find_outliers,
    labels.find_two_labels,
)


QUICK = (
    labels.find_missing_classes,
    labels.find_label_faults,
    labels.find_leaks,
    labels.find_two_labels,
    target_leaks.find_target_leaks,
)
"""What runs before every training: linear in the number of examples, on what is in memory already."""


@dataclass(frozen=True)
class Report:
    """What is wrong with some data, worst first.

    dataset: the data that were read; None where they could not be.
    """

    name: str
    findings: tuple[Finding, ...]
    dataset: Dataset | None = None

    @property
    def stops(self) -> bool:
        """Whether a finding keeps a training from starting."""
        return any(finding.severity == "stop" for finding in self.findings)

    @property
    def counts(self) -> list[dict[str, Any]]:
        """The number of examples of each class, in all and in each part that is given."""
        if self.dataset is None or not self.dataset.classes:
            return []
        table = count_classes(self.dataset)
        parts = [(NAMES[number], table[number]) for number in given_part_numbers(self.dataset)]
        return [
            {"class": name, "n": int(table[:, k].sum()), **{part: int(row[k]) for part, row in parts}}
            for k, name in enumerate(self.dataset.classes)
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain values for a script."""
        return {
            "name": self.name,
            "ok": not self.stops,
            "problems": [finding.as_json() for finding in self.findings],
            "examples": None if self.dataset is None else len(self.dataset),
            "classes": None if self.dataset is None else list(self.dataset.classes),
            "counts": self.counts,
        }


def check(dataset: Dataset, *, published: bool = False) -> Report:
    """Look for everything that may spoil a training on these data.

    published: whether this is a benchmark as it was published, whose parts are what they are: what they share is
        then told, and stops nothing.

    >>> from luthier.data import load
    >>> [(one.kind, one.severity) for one in check(load("digits")).findings]
    [('near-duplicates', 'warn')]
    """
    return Report(dataset.name, _run_checks(CHECKS, dataset, published), dataset)


def check_quickly(dataset: Dataset, *, allow_leaks: bool = False) -> tuple[Finding, ...]:
    """Find what would spoil a training and is quick to find; with allow_leaks, leaks become warnings.

    >>> from luthier.data import load
    >>> check_quickly(load("digits"))
    ()
    """
    return _run_checks(QUICK, dataset, allow_leaks)


def _run_checks(checks: Iterable[Any], dataset: Dataset, allow_leaks: bool) -> tuple[Finding, ...]:
    found = [one for each in checks for one in each(dataset)]
    return worst_first(map(_allow, found) if allow_leaks else found)


def _allow(finding: Finding) -> Finding:
    remedy = "this goes on all the same, and the result says so: its figures are too good by as much"
    return replace(finding, severity="warn", remedy=remedy) if finding.kind == labels.LEAK.kind else finding
