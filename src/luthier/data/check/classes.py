"""Classes that cannot be learnt or cannot be tested."""

import numpy as np

from luthier.core.errors import escape_name
from luthier.data.check.finding import Finding, Rule, of_names
from luthier.data.check.parts import TEST, TRAIN, class_counts
from luthier.data.dataset import Dataset

ONE = Rule("one-class", "stop", "add examples of another class")
EMPTY = Rule("empty-class", "stop", "add some, or take the class out")
SCARCE = Rule("scarce-class", "stop", "add some, or move them to the training part, or take the class out")
UNTESTED = Rule("untested-class", "warn", "add some: the test says nothing of these classes")
FEWEST_CLASSES, FEWEST_TRAINED, FEWEST_TO_TEST = 2, 2, 3
"""The last: 20% of fewer examples is none."""


def find(dataset: Dataset) -> list[Finding]:
    """Fewer than two classes; classes without examples, with fewer than two for training, or none for the test."""
    if not dataset.classes:
        return []

    def named(which: np.ndarray) -> list[str]:
        return [f"{escape_name(dataset.classes[k])} ({counts[TRAIN, k]})" for k in np.flatnonzero(which)]

    counts = class_counts(dataset)
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
