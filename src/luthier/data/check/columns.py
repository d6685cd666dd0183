"""Columns of a table that say nothing, or nearly nothing."""

import numpy as np

from luthier.data.check.features import features
from luthier.data.check.finding import Finding, Rule, of_names
from luthier.data.dataset import Dataset

EMPTY = Rule("empty-column", "warn", "leave them out")
CONSTANT = Rule("constant-column", "warn", "leave them out")
NEARLY = Rule("near-constant-column", "note", "see that the rare values are in every part")
GAPS = Rule(
    "missing-values", "note", "nothing: the mean stands for them, and the network is told that they are missing"
)
SHARE = 0.999
"""Share of the examples with one value from which on a column is nearly constant."""
FEWEST = 100
"""Examples below which nearly constant means nothing."""


def find(dataset: Dataset) -> list[Finding]:
    """Columns without any value, with one value, or with one value in nearly all examples."""
    if dataset.inputs.ndim != 2 or not len(dataset):
        return []
    values, names = features(dataset)
    missing = np.isnan(values).all(0) if values.dtype.kind == "f" else np.zeros(len(names), bool)
    share = np.array([_largest_share(column) for column in values.T])
    nearly = (share >= SHARE) & (share < 1) & (len(dataset) >= FEWEST)
    return [
        *of_names(EMPTY, _of(names, missing), "columns must hold values, but some hold none"),
        *of_names(CONSTANT, _of(names, (share == 1) & ~missing), "columns should vary, but some have a single value"),
        *of_names(
            NEARLY,
            _of(names, nearly & ~missing),
            f"columns should vary, but some have one value in {SHARE:.1%} or more",
        ),
        *of_names(GAPS, _gaps(dataset), "values are missing in some columns"),
    ]


def _gaps(dataset: Dataset) -> list[str]:
    """Columns of a table that tell the network where they have no value, and in how many rows."""
    if dataset.table is None:
        return []
    marks = {one.name: dataset.table.features.index(one.features[-1]) for one in dataset.table.columns if one.missing}
    return [f"{name} ({int(dataset.inputs[:, mark].sum()):,})" for name, mark in marks.items()]


def _largest_share(column: np.ndarray) -> float:
    _, counts = np.unique(column, return_counts=True)
    return float(counts.max() / len(column))


def _of(names: list[str], which: np.ndarray) -> list[str]:
    return [names[number] for number in np.flatnonzero(which)]
