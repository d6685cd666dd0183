"""The same example under two classes: one of the two is wrong, or the example does not tell."""

import numpy as np

from luthier.data.check.finding import Finding, Rule, of_pairs
from luthier.data.dataset import Dataset

TWO_LABELS = Rule("two-labels", "warn", "look at them, and drop or correct the wrong ones")


def find(dataset: Dataset) -> list[Finding]:
    """Equal examples whose classes differ."""
    if not dataset.classes:
        return []
    groups = dataset.duplicates
    other = np.flatnonzero(dataset.labels != dataset.labels[groups])
    leaders, first = np.unique(groups[other], return_index=True)
    pairs = np.stack([leaders, other[first]], 1)
    what = f"equal examples must have one class, but {len(pairs):,} are there under several"
    return of_pairs(TWO_LABELS, dataset, pairs, what)
