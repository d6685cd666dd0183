"""Checks of values: far from all others, not finite, blank pictures, columns that tell nothing.

Source of the rule for outliers: Iglewicz and Hoaglin, How to detect and handle outliers, 1993 (z from the median and
the median deviation).
"""

import numpy as np

from luthier.data.check.finding import Finding, Rule, of_examples, of_names
from luthier.data.dataset import Dataset

REMEDY = "see whether they are right: another unit, or a mark for what is missing, is not"


OUTLIER, VALUE = Rule("outlier", "warn", REMEDY), Rule("outlier-value", "warn", REMEDY)


FARTHEST = 20.0
"""Robust z from which on a value is reported; the source's 3.5 would report every long tail."""


TO_DEVIATIONS = 0.6745
"""Median deviation of a normal distribution in standard deviations."""


def find_outliers(dataset: Dataset) -> list[Finding]:
    """Find examples of a table with a value far from its column's others, or a target value far from the others."""
    findings = []
    if dataset.inputs.ndim == 2:
        findings += _far(OUTLIER, dataset, *take_features(dataset), "values of a column")
    if not dataset.classes:
        findings += _far(VALUE, dataset, dataset.labels, _numbered(dataset.labels), "values to be predicted")
    return findings


def _numbered(labels: np.ndarray) -> list[str]:
    return [f"column {number}" for number in range(labels.shape[1])]


def _far(rule: Rule, dataset: Dataset, table: np.ndarray, names: list[str], noun: str) -> list[Finding]:
    far = np.abs(robust_z(table)) > FARTHEST
    bad = np.flatnonzero(far.any(1))
    columns = ", ".join(names[number] for number in np.flatnonzero(far.any(0))[:10])
    what = (
        f"{noun} should lie together, but {len(bad):,} examples have one more than {FARTHEST:.0f} robust standard "
        f"deviations from the median ({columns})"
    )
    return of_examples(rule, dataset, bad, what)


def robust_z(table: np.ndarray) -> np.ndarray:
    """Compute how many robust standard deviations each value (N, F) lies from its column's median; 0 where undefined.

    >>> robust_z(np.array([[1.0], [2.0], [3.0], [4.0], [1000.0]])).round(1).ravel().tolist()
    [-1.3, -0.7, 0.0, 0.7, 672.5]
    """
    values = np.where(np.isfinite(table), table, np.nan).astype(np.float64)
    full = ~np.isnan(values).all(0)
    z = np.zeros_like(values)
    middle = np.nanmedian(values[:, full], axis=0) if full.any() else np.zeros(0)
    apart = values[:, full] - middle
    spread = np.nanmedian(np.abs(apart), axis=0) if full.any() else np.zeros(0)
    z[:, full] = np.divide(TO_DEVIATIONS * apart, spread, out=np.zeros_like(apart), where=spread > 0)
    return np.nan_to_num(z)


BLANK = Rule("blank", "warn", "look at them, and drop those that are empty")


CHUNK = 4096


def find_blank(dataset: Dataset) -> list[Finding]:
    """Find pictures whose pixels are all equal."""
    if not dataset.is_picture:
        return []
    blank = np.flatnonzero(np.concatenate([_blank(dataset.inputs[at : at + CHUNK]) for at in _starts(dataset)]))
    return of_examples(BLANK, dataset, blank, f"pictures should show something, but {len(blank):,} are of one colour")


def _starts(dataset: Dataset) -> range:
    return range(0, max(len(dataset), 1), CHUNK)


def _blank(pictures: np.ndarray) -> np.ndarray:
    found: np.ndarray = (pictures == pictures[:, :1, :1]).all((1, 2, 3))
    return found


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


def find_column_faults(dataset: Dataset) -> list[Finding]:
    """Find columns without any value, with one value, or with one value in nearly all examples."""
    if dataset.inputs.ndim != 2 or not len(dataset):
        return []
    values, names = take_columns(dataset)
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


def take_columns(dataset: Dataset) -> tuple[np.ndarray, list[str]]:
    """Return one number a column (N, C), a category's by its place, and their names: a rare category is no fault."""
    if dataset.table is None:
        return take_features(dataset)
    names, columns, start = [], [np.zeros((len(dataset), 0))], 0
    for one in dataset.table.columns:
        block = dataset.inputs[:, start : start + len(one.features)]
        start += len(one.features)
        if one.kind != "text":
            names.append(one.name)
            places = np.arange(1, 1 + len(one.values))
            columns.append(block[:, :1] if one.kind == "number" else block[:, : len(places)] @ places[:, None])
    return np.concatenate(columns, axis=1), names


def _gaps(dataset: Dataset) -> list[str]:
    """Find the columns of a table that tell the network where they have no value, and in how many rows."""
    if dataset.table is None:
        return []
    marks = {one.name: dataset.table.features.index(one.features[-1]) for one in dataset.table.columns if one.missing}
    return [f"{name} ({int(dataset.inputs[:, mark].sum()):,})" for name, mark in marks.items()]


def _largest_share(column: np.ndarray) -> float:
    _, counts = np.unique(column, return_counts=True)
    return float(counts.max() / len(column))


def _of(names: list[str], which: np.ndarray) -> list[str]:
    return [names[number] for number in np.flatnonzero(which)]


def take_features(dataset: Dataset) -> tuple[np.ndarray, list[str]]:
    """Return the numbers of each row (N, F) and their names; words of a text, which are no measurements, are left out.

    >>> take_features(Dataset("a", np.zeros((2, 3)), np.array([0, 1]), ("x", "y")))[1]
    ['column 0', 'column 1', 'column 2']
    """
    if dataset.table is None:
        return dataset.inputs, [f"column {number}" for number in range(dataset.inputs.shape[1])]
    names = list(dataset.table.features)
    return dataset.inputs[:, : len(names)], names


NOT_FINITE = Rule("not-finite", "stop", "mend or drop them")


def find_non_finite(dataset: Dataset) -> list[Finding]:
    """Find examples with infinity, or with NaN where it does not stand for a missing value or the end of a sequence."""
    if dataset.inputs.dtype.kind != "f":
        return []
    odd = np.isinf(dataset.inputs) if dataset.table or dataset.form == "sequences" else ~np.isfinite(dataset.inputs)
    bad = np.flatnonzero(odd.reshape(len(dataset), -1).any(1))
    return of_examples(NOT_FINITE, dataset, bad, f"inputs must be finite, but {len(bad):,} examples are not")
