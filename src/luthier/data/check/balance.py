"""Classes of very different size: the small ones are then learnt last, and accuracy hardly speaks of them."""

import numpy as np

from luthier.core.errors import escape_name
from luthier.data.check.finding import Finding, Rule
from luthier.data.check.parts import TRAIN, class_counts
from luthier.data.dataset import Dataset

IMBALANCE = Rule(
    "imbalance",
    "warn",
    "look at the table per class, not at the accuracy alone; luthier list sampling names orders that balance",
)
LARGEST_RATIO = 10


def find(dataset: Dataset) -> list[Finding]:
    """A largest class with ten times the training examples of the smallest or more."""
    counts = class_counts(dataset)[TRAIN] if dataset.classes else np.zeros(0, np.int64)
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
