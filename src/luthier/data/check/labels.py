"""Labels that no class stands for, values that are no numbers, and class names that only computers tell apart."""

import unicodedata

import numpy as np

from luthier.core.errors import escape_name
from luthier.data.check.finding import Finding, Rule, of_examples, of_names
from luthier.data.dataset import Dataset

LABEL = Rule("label", "stop", "mend or drop them")
TWINS = Rule("class-names", "warn", "make them one class if they are one")
CONSTANT = Rule("constant-value", "stop", "leave these columns out")


def find(dataset: Dataset) -> list[Finding]:
    """Numbers outside the classes, values that are not finite or all alike, and names that differ in spelling only."""
    return [*_outside(dataset), *_twins(dataset)] if dataset.classes else _poor_values(dataset)


def _outside(dataset: Dataset) -> list[Finding]:
    bad = np.flatnonzero((dataset.labels < 0) | (dataset.labels >= len(dataset.classes)))
    what = f"labels must be class numbers below {len(dataset.classes)}, but {len(bad):,} are not"
    return of_examples(LABEL, dataset, bad, what)


def _twins(dataset: Dataset) -> list[Finding]:
    first: dict[str, str] = {}
    plain = [(unicodedata.normalize("NFKC", one).casefold().strip(), one) for one in dataset.classes]
    pairs = [(first.setdefault(key, one), one) for key, one in plain]
    names = [f"{escape_name(one)!r} and {escape_name(other)!r}" for one, other in pairs if one != other]
    return of_names(TWINS, names, "class names must differ in more than spelling, but some do not")


def _poor_values(dataset: Dataset) -> list[Finding]:
    bad = np.flatnonzero(~np.isfinite(dataset.labels).all(1))
    alike = np.flatnonzero((dataset.labels == dataset.labels[:1]).all(0))
    return [
        *of_examples(LABEL, dataset, bad, f"values to be predicted must be finite, but {len(bad):,} are not"),
        *of_names(CONSTANT, [f"column {k}" for k in alike], "values to be predicted must vary, but some are all alike"),
    ]
