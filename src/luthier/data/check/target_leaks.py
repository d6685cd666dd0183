"""Columns that give the target away: one column alone predicts it almost perfectly, as no honest column does.

How much a column alone says is told by neighbours in its order: rows of nearly the same value predict one another, so
that each is predicted by another row. Sources: Cover and Hart, Nearest neighbor pattern classification, 1967 (a
neighbour errs at most twice as often as the best rule); von Neumann, Distribution of the ratio of the mean square
successive difference to the variance, 1941 (squared differences of neighbours are twice the noise of values).
"""

import numpy as np

from luthier.core.rng import hash_order
from luthier.data.check.finding import Finding, Rule, of_names
from luthier.data.check.values import take_columns
from luthier.data.dataset import Dataset

TARGET_LEAK = Rule(
    "target-leak",
    "warn",
    "leave them out where they say the target in other words or are known only after it: the result means nothing then",
)


ALMOST = 0.98
"""Share of what is to be explained from which on a column tells the target almost perfectly: the most that a column of
iris, wine, breast cancer, digits and ten real tables tells is 0.95."""


MOST_ROWS = 4096
"""Rows that are looked at: more make the share no clearer."""


FEWEST = 10
"""Rows outside the largest class, or rows for each end of the values, below which chance could sort them."""


FEW_VALUES = 64
"""Different values up to which a column is read as categories, whose order says nothing."""


def find_target_leaks(dataset: Dataset) -> list[Finding]:
    """Find columns of rows of which one alone tells the class, or a value to be predicted, almost perfectly."""
    if dataset.form not in ("rows", "text") or dataset.inputs.ndim != 2:
        return []
    rows = _choose_rows(dataset)
    columns, names = take_columns(dataset)
    shares = measure_columns(columns[rows], dataset.labels[rows])
    telling = [f"{names[k]} ({shares[k]:.1%})" for k in np.flatnonzero(shares >= ALMOST)]
    what = "no column alone should tell the target almost perfectly, but some do, each so much of it"
    return of_names(TARGET_LEAK, telling, what)


def _choose_rows(dataset: Dataset) -> np.ndarray:
    """Choose rows in an order of chance, none of the test part, one of each group: the others would predict it."""
    rows = np.unique(dataset.groups)
    if dataset.official_test is not None:
        rows = rows[~dataset.official_test[rows]]
    return np.asarray(rows[hash_order(len(rows), "target-leaks")[:MOST_ROWS]])


def measure_columns(columns: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Measure how much of the target each column alone tells (C,): 0 nothing, 1 all.

    columns: (N, C), NaN for what is missing. labels: classes (N,), or values (N, D), of which the best told counts.

    >>> tier = np.arange(60.0) % 3
    >>> measure_columns(tier[:, None], np.arange(60) % 3).tolist()
    [1.0]
    """
    if labels.ndim == 1:
        enough = len(labels) - np.bincount(labels.clip(0)).max(initial=0) >= FEWEST
        targets = [labels] if enough else []
    else:
        targets = [ranked for value in labels.T if (ranked := _rank(value)) is not None]
    found = np.zeros(columns.shape[1])
    for k, column in enumerate(columns.T):
        pairs, ends = _pair(column)
        for target in targets:
            share = _share_of_values(target, pairs) if labels.ndim == 2 else _share_of_classes(target, pairs, ends)
            found[k] = max(found[k], share)
    return found


def _rank(values: np.ndarray) -> np.ndarray | None:
    """Replace values by their ranks, which no outlier moves; None where there are too few to say anything."""
    from scipy.stats import rankdata

    enough = len(values) >= 2 * FEWEST and np.isfinite(values).all() and values.min() < values.max()
    return np.asarray(rankdata(values)) if enough else None


def _pair(column: np.ndarray) -> tuple[np.ndarray, bool]:
    """Pair rows that are neighbours in the order of a column (P, 2); of few values those alone that share one.

    The second says whether values pass into one another, so that a class may end between the two of a pair.
    """
    order = np.argsort(column, kind="stable")
    pairs = np.stack([order[:-1], order[1:]], 1)
    first, second = column[pairs[:, 0]], column[pairs[:, 1]]
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    if np.count_nonzero(~same) >= FEW_VALUES:
        return pairs, True
    return pairs[same], False


def _share_of_classes(labels: np.ndarray, pairs: np.ndarray, ends: bool) -> float:
    """Estimate by how much of the errors of the largest class a column alone makes fewer."""
    present = np.bincount(labels.clip(0))
    changes = (len(present[present > 0]) - 1) if ends else 0
    wrong = np.count_nonzero(labels[pairs[:, 0]] != labels[pairs[:, 1]])
    if 2 * len(pairs) < len(labels) or len(pairs) <= changes:
        return 0.0
    errors = max(0, int(wrong) - changes) / (2 * (len(pairs) - changes))
    return max(0.0, 1 - errors / (1 - int(present.max()) / len(labels)))


def _share_of_values(ranks: np.ndarray, pairs: np.ndarray) -> float:
    """Estimate the share of the variance that a column alone explains."""
    if 2 * len(pairs) < len(ranks):
        return 0.0
    noise = float(np.mean((ranks[pairs[:, 0]] - ranks[pairs[:, 1]]) ** 2)) / 2
    return max(0.0, 1 - noise / float(ranks.var()))
