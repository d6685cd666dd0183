"""Classes that cannot be learnt or cannot be tested."""

import numpy as np

from luthier.core.errors import shown
from luthier.data.check.finding import Finding, Rule, of_names
from luthier.data.check.parts import TEST, TRAIN, class_counts
from luthier.data.dataset import Dataset

ONE = Rule("one-class", "stop", "add examples of another class")
EMPTY = Rule("empty-class", "stop", "add some, or take the class out")
UNTRAINED = Rule("untrained-class", "stop", "move some to the training part")
SINGLE = Rule("single-example", "warn", "add some")
UNTESTED = Rule("untested-class", "warn", "add some: the test says nothing of these classes")
FEWEST = 2


def find(dataset: Dataset) -> list[Finding]:
    """Fewer than two classes; classes without examples, without any in training or test, or with a single one."""
    if not dataset.classes:
        return []

    def named(which: np.ndarray) -> list[str]:
        return [shown(dataset.classes[k]) for k in np.flatnonzero(which)]

    counts = class_counts(dataset)
    total = counts.sum(0)
    there, tested = total > 0, (counts[TEST] > 0) | (dataset.official_test is None)
    return [
        *of_names(ONE, named(there) if there.sum() == 1 else [], f"classes must be {FEWEST} or more, but there is one"),
        *of_names(EMPTY, named(~there), "every class must have examples, but some have none"),
        *of_names(
            UNTRAINED, named(there & (counts[TRAIN] == 0)), "classes must have training examples, but some don't"
        ),
        *of_names(
            SINGLE, named(total == 1), "a class needs examples to learn from and others to test on, but some have one"
        ),
        *of_names(UNTESTED, named(there & ~tested), "classes should have test examples, but some have none"),
    ]
