"""Equal examples within one part: harmless where they are few, since the split keeps them together."""

import numpy as np

from luthier.data.check.finding import Finding, Rule, of_pairs
from luthier.data.check.parts import given_parts
from luthier.data.dataset import Dataset

DUPLICATES = Rule(
    "duplicates", "note", "drop them unless they are meant to count more; a drawn split keeps copies together"
)


def find(dataset: Dataset) -> list[Finding]:
    """Examples that equal an earlier one of the same part."""
    cells = dataset.duplicates * 3 + given_parts(dataset)
    _, first, cell = np.unique(cells, return_index=True, return_inverse=True)
    earlier = first[cell]
    copies = np.flatnonzero(earlier != np.arange(len(dataset)))
    pairs = np.stack([earlier[copies], copies], 1)
    what = f"examples should differ, but {len(pairs):,} are copies of another of their part"
    return of_pairs(DUPLICATES, dataset, pairs, what)
