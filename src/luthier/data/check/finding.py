"""What a check found: how bad it is, what it is, where, and what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from luthier.core.errors import escape_name
from luthier.data.dataset import Dataset

Severity = Literal["stop", "warn", "note"]


SEVERITIES: tuple[Severity, ...] = ("stop", "warn", "note")


SHOWN, KEPT = 3, 50


@dataclass(frozen=True)
class Finding:
    """One kind of thing that was found, with all its cases.

    kind: what people call it, in lower case with hyphens.
    severity: stop keeps a training from starting, warn may spoil its result, note is good to know.
    what: the rule and what was met instead, in one sentence. remedy: what to do.
    count: how many cases there are.
    examples: numbers of the examples concerned, the first cases only; what belongs together stands together.
    files: names of the files concerned, likewise.
    """

    kind: str
    severity: Severity
    what: str
    remedy: str
    count: int = 1
    examples: tuple[int, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The finding as an error message states it."""
        return f"{self.what}; {self.remedy}"

    def as_json(self) -> dict[str, Any]:
        """Return the finding as plain values for a script."""
        return {**asdict(self), "examples": list(self.examples), "files": list(self.files)}


class Rule(NamedTuple):
    """What data should keep to: the kind and severity of the finding where they do not, and what to do."""

    kind: str
    severity: Severity
    remedy: str

    def met(
        self, what: str, count: int = 1, *, examples: tuple[int, ...] = (), files: tuple[str, ...] = ()
    ) -> list[Finding]:
        """Return the finding in a list; an empty list where count is 0."""
        return [Finding(self.kind, self.severity, what, self.remedy, count, examples, files)] if count else []


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings, those that stop a training first."""
    return tuple(sorted(findings, key=lambda one: SEVERITIES.index(one.severity)))


def of_examples(rule: Rule, dataset: Dataset, examples: np.ndarray, what: str) -> list[Finding]:
    """Make a finding about single examples (n,); none where n is 0. what: the sentence up to the colon."""
    such = list_some([name_example(dataset, one) for one in examples[:KEPT].tolist()], len(examples))
    return _met(rule, f"{what}: {such}", len(examples), dataset, examples[:KEPT])


def of_pairs(rule: Rule, dataset: Dataset, pairs: np.ndarray, what: str) -> list[Finding]:
    """Make a finding about pairs of examples (n, 2); none where n is 0. what: the sentence up to the colon."""
    such = list_some(
        [f"{name_example(dataset, a)} and {name_example(dataset, b)}" for a, b in pairs[:KEPT].tolist()], len(pairs)
    )
    return _met(rule, f"{what}: {such}", len(pairs), dataset, pairs[: KEPT // 2].ravel())


def of_names(rule: Rule, names: Sequence[str], what: str) -> list[Finding]:
    """Make a finding about classes or columns; none where names is empty. what: the sentence up to the colon."""
    return rule.met(f"{what}: {list_some(names)}", len(names))


def _met(rule: Rule, what: str, count: int, dataset: Dataset, examples: np.ndarray) -> list[Finding]:
    numbers, names = tuple(examples.tolist()), dataset.names
    return rule.met(what, count, examples=numbers, files=() if names is None else tuple(str(names[k]) for k in numbers))


def name_example(dataset: Dataset, example: int) -> str:
    """Name an example: by its own name where it has one, else by its number."""
    return f"example {example}" if dataset.names is None else escape_name(str(dataset.names[example]))


def list_some(names: Sequence[str], count: int | None = None) -> str:
    """List the first few of many names, and how many more there are.

    >>> list_some(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    more = (len(names) if count is None else count) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")


TRAIN, VALIDATION, TEST = range(3)


NAMES = ("training", "validation", "test")


def number_parts(dataset: Dataset) -> np.ndarray:
    """Return the number of the part of each example (N,): the training part where no other is given."""
    parts = np.full(len(dataset), TRAIN, np.int64)
    if dataset.official_validation is not None:
        parts[dataset.official_validation] = VALIDATION
    if dataset.official_test is not None:
        parts[dataset.official_test] = TEST
    return parts


def given_part_numbers(dataset: Dataset) -> tuple[int, ...]:
    """Return the numbers of the parts that are given; none where the split draws them all."""
    validation = (VALIDATION,) if dataset.official_validation is not None else ()
    test = (TEST,) if dataset.official_test is not None else ()
    return (TRAIN, *validation, *test) if validation or test else ()


def count_classes(dataset: Dataset) -> np.ndarray:
    """Count the examples of each class in each part (3, K)."""
    classes = len(dataset.classes)
    legal = (dataset.labels >= 0) & (dataset.labels < classes)
    cells = number_parts(dataset)[legal] * classes + dataset.labels[legal]
    return np.bincount(cells, minlength=3 * classes).reshape(3, classes)
