"""Columns of a table that say nothing, or nearly nothing."""

import numpy as np

from luthier.data.check.finding import Finding, Rule, of_names
from luthier.data.dataset import Dataset

EMPTY = Rule("empty-column", "warn", "leave them out")
CONSTANT = Rule("constant-column", "warn", "leave them out")
NEARLY = Rule("near-constant-column", "note", "see that the rare values are in every part")
SHARE = 0.999
"""Share of the examples with one value from which on a column is nearly constant."""
FEWEST = 100
"""Examples below which nearly constant means nothing."""


def find(dataset: Dataset) -> list[Finding]:
    """Columns without any value, with one value, or with one value in nearly all examples."""
    if dataset.inputs.ndim != 2 or not len(dataset):
        return []
    missing = np.isnan(dataset.inputs).all(0) if dataset.inputs.dtype.kind == "f" else np.zeros(dataset.shape, bool)
    share = np.array([_largest_share(column) for column in dataset.inputs.T])
    nearly = (share >= SHARE) & (share < 1) & (len(dataset) >= FEWEST)
    return [
        *of_names(EMPTY, _named(missing), "columns must hold values, but some hold none"),
        *of_names(CONSTANT, _named((share == 1) & ~missing), "columns should vary, but some have a single value"),
        *of_names(
            NEARLY, _named(nearly & ~missing), f"columns should vary, but some have one value in {SHARE:.1%} or more"
        ),
    ]


def _largest_share(column: np.ndarray) -> float:
    _, counts = np.unique(column, return_counts=True)
    return float(counts.max() / len(column))


def _named(which: np.ndarray) -> list[str]:
    return [f"column {number}" for number in np.flatnonzero(which)]
