"""Checks of labels and parts: balance, missing and misspelt classes, duplicates, two labels, leaks between parts."""

import unicodedata
from itertools import combinations

import numpy as np

from luthier.core.errors import escape_name
from luthier.data.check.finding import (
    NAMES,
    TEST,
    TRAIN,
    Finding,
    Rule,
    count_classes,
    given_part_numbers,
    number_parts,
    of_examples,
    of_names,
    of_pairs,
)
from luthier.data.dataset import Dataset

LABEL = Rule("label", "stop", "mend or drop them")


TWINS = Rule("class-names", "warn", "make them one class if they are one")


CONSTANT = Rule("constant-value", "stop", "leave these columns out")


def find_label_faults(dataset: Dataset) -> list[Finding]:
    """Find labels that are no class numbers, values not finite or all alike, and names that differ in spelling only."""
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


IMBALANCE = Rule(
    "imbalance",
    "warn",
    "look at the table per class, not at the accuracy alone; luthier list sampling names orders that balance",
)


LARGEST_RATIO = 10


def find_imbalance(dataset: Dataset) -> list[Finding]:
    """Find whether the largest class has at least ten times the training examples of the smallest."""
    counts = count_classes(dataset)[TRAIN] if dataset.classes else np.zeros(0, np.int64)
    if not counts.any():
        return []
    small, large = int(np.where(counts > 0, counts, counts.max()).argmin()), int(counts.argmax())
    if counts[large] < LARGEST_RATIO * counts[small]:
        return []
    what = (
        f"classes should be of like size, but {escape_name(dataset.classes[large])} has {counts[large]:,} training "
        f"examples "
        f"and {escape_name(dataset.classes[small])} has {counts[small]:,}"
    )
    return IMBALANCE.met(what)


ONE = Rule("one-class", "stop", "add examples of another class")


EMPTY = Rule("empty-class", "stop", "add some, or take the class out")


SCARCE = Rule("scarce-class", "stop", "add some, or move them to the training part, or take the class out")


UNTESTED = Rule("untested-class", "warn", "add some: the test says nothing of these classes")


FEWEST_CLASSES, FEWEST_TRAINED, FEWEST_TO_TEST = 2, 2, 3
"""The last: 20% of fewer examples is none."""


def find_missing_classes(dataset: Dataset) -> list[Finding]:
    """Find fewer than two classes, and classes without examples, with one for training or with none for the test."""
    if not dataset.classes:
        return []

    def named(which: np.ndarray) -> list[str]:
        return [f"{escape_name(dataset.classes[k])} ({counts[TRAIN, k]})" for k in np.flatnonzero(which)]

    counts = count_classes(dataset)
    total = counts.sum(0)
    there, official = total > 0, dataset.official_test is not None
    tested = counts[TEST] > 0 if official else total >= FEWEST_TO_TEST
    one = named(there) if there.sum() < FEWEST_CLASSES else []
    return [
        *of_names(ONE, one, f"classes must be {FEWEST_CLASSES} or more, but there is one"),
        *of_names(EMPTY, named(~there), "every class must have examples, but some have none"),
        *of_names(
            SCARCE, named(there & (counts[TRAIN] < FEWEST_TRAINED)),
            f"every class must have {FEWEST_TRAINED} training examples or more, but some have fewer",
        ),
        *of_names(UNTESTED, named(there & ~tested), "classes should have test examples, but some have none"),
    ]  # fmt: skip


TWO_LABELS = Rule("two-labels", "warn", "look at them, and drop or correct the wrong ones")


def find_two_labels(dataset: Dataset) -> list[Finding]:
    """Find equal examples whose classes differ."""
    if not dataset.classes:
        return []
    groups = dataset.duplicates
    other = np.flatnonzero(dataset.labels != dataset.labels[groups])
    leaders, first = np.unique(groups[other], return_index=True)
    pairs = np.stack([leaders, other[first]], 1)
    what = f"equal examples must have one class, but {len(pairs):,} are there under several"
    return of_pairs(TWO_LABELS, dataset, pairs, what)


LEAK = Rule(
    "leak",
    "stop",
    "take them out of one part, or go on with --allow-leaks (from Python allow_leaks=True), and the result says so",
)


def find_leaks(dataset: Dataset) -> list[Finding]:
    """Find given parts that share examples; one finding for each two of them."""
    findings: list[Finding] = []
    for (earlier, other), pairs in find_shared(dataset).items():
        what = f"no {NAMES[other]} example may be a {NAMES[earlier]} example too, but {len(pairs):,} are"
        findings += of_pairs(LEAK, dataset, pairs, what)
    return findings


def find_shared(dataset: Dataset) -> dict[tuple[int, int], np.ndarray]:
    """Find pairs of equal examples (P, 2) by the numbers of the two parts; parts that share nothing are left out.

    Each example of the later part comes at most once, beside the first that equals it in the earlier one.
    """
    shared = {}
    for earlier, other in combinations(given_part_numbers(dataset), 2):
        parts, groups = number_parts(dataset), dataset.duplicates
        mine, theirs = np.flatnonzero(parts == earlier), np.flatnonzero(parts == other)
        first = np.full(len(dataset), -1)
        first[groups[mine[::-1]]] = mine[::-1]
        twin = first[groups[theirs]]
        if (twin >= 0).any():
            shared[earlier, other] = np.stack([twin, theirs], 1)[twin >= 0]
    return shared


def count_leaks(dataset: Dataset) -> dict[str, int]:
    """Count the examples that two parts share, by the names of both; empty where they share none.

    >>> pair = np.zeros((2, 3), np.float32)
    >>> count_leaks(Dataset("", pair, np.array([0, 1]), ("a", "b"), np.array([False, True])))
    {'training and test': 1}
    """
    return {
        f"{NAMES[earlier]} and {NAMES[other]}": len(pairs) for (earlier, other), pairs in find_shared(dataset).items()
    }


DUPLICATES = Rule(
    "duplicates", "note", "drop them unless they are meant to count more; a drawn split keeps copies together"
)


def find_duplicates(dataset: Dataset) -> list[Finding]:
    """Find examples that equal an earlier one of the same part."""
    cells = dataset.duplicates * 3 + number_parts(dataset)
    _, first, cell = np.unique(cells, return_index=True, return_inverse=True)
    earlier = first[cell]
    copies = np.flatnonzero(earlier != np.arange(len(dataset)))
    pairs = np.stack([earlier[copies], copies], 1)
    what = f"examples should differ, but {len(pairs):,} are copies of another of their part"
    return of_pairs(DUPLICATES, dataset, pairs, what)
