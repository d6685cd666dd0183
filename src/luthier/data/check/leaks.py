"""The same example in two given parts: the figures of the later part are then too good."""

from itertools import combinations

import numpy as np

from luthier.data.check.finding import Finding, Rule, of_pairs
from luthier.data.check.parts import NAMES, given, given_parts
from luthier.data.dataset import Dataset

LEAK = Rule(
    "leak",
    "stop",
    "take them out of one part, or go on with --allow-leaks (from Python allow_leaks=True), and the result says so",
)


def find(dataset: Dataset) -> list[Finding]:
    """One finding for each two given parts that share examples."""
    found: list[Finding] = []
    for (one, other), pairs in find_shared(dataset).items():
        what = f"no {NAMES[other]} example may be a {NAMES[one]} example too, but {len(pairs):,} are"
        found += of_pairs(LEAK, dataset, pairs, what)
    return found


def find_shared(dataset: Dataset) -> dict[tuple[int, int], np.ndarray]:
    """Pairs of equal examples (P, 2) by the numbers of the two parts; parts that share nothing are left out.

    Each example of the later part comes at most once, beside the first that equals it in the earlier one.
    """
    found = {}
    for one, other in combinations(given(dataset), 2):
        parts, groups = given_parts(dataset), dataset.duplicates
        mine, theirs = np.flatnonzero(parts == one), np.flatnonzero(parts == other)
        first = np.full(len(dataset), -1)
        first[groups[mine[::-1]]] = mine[::-1]
        twin = first[groups[theirs]]
        if (twin >= 0).any():
            found[one, other] = np.stack([twin, theirs], 1)[twin >= 0]
    return found


def count_leaks(dataset: Dataset) -> dict[str, int]:
    """How many examples of the later part are in the earlier one too, by the two parts' names; empty where none are.

    >>> pair = np.zeros((2, 3), np.float32)
    >>> count_leaks(Dataset("", pair, np.array([0, 1]), ("a", "b"), np.array([False, True])))
    {'training and test': 1}
    """
    return {f"{NAMES[one]} and {NAMES[other]}": len(pairs) for (one, other), pairs in find_shared(dataset).items()}
