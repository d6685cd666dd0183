"""Values far from all others: a slip of the pen, another unit, or a mark for what is missing such as 9999.

Source: Iglewicz and Hoaglin, How to detect and handle outliers, 1993 (z from the median and the median deviation).
"""

import numpy as np

from luthier.data.check.features import features
from luthier.data.check.finding import Finding, Rule, of_examples
from luthier.data.dataset import Dataset

REMEDY = "see whether they are right: another unit, or a mark for what is missing, is not"
OUTLIER, VALUE = Rule("outlier", "warn", REMEDY), Rule("outlier-value", "warn", REMEDY)
FARTHEST = 20.0
"""Robust z from which on a value is reported; the source's 3.5 would report every long tail."""
TO_DEVIATIONS = 0.6745
"""Median deviation of a normal distribution in standard deviations."""


def find(dataset: Dataset) -> list[Finding]:
    """Examples of a table with a value far from its column's others, and values to be predicted likewise."""
    found = []
    if dataset.inputs.ndim == 2:
        found += _far(OUTLIER, dataset, *features(dataset), "values of a column")
    if not dataset.classes:
        found += _far(VALUE, dataset, dataset.labels, _numbered(dataset.labels), "values to be predicted")
    return found


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
    """How many robust standard deviations each value (N, F) lies from its column's median; 0 where that is undefined.

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
