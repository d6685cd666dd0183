"""Columns that give the target away: one column alone predicts it almost perfectly, as no honest column does.

How much a column alone says is told by neighbours in its order: rows of nearly the same value predict one another, so
that each is predicted by another row. Sources: Cover and Hart, Nearest neighbor pattern classification, 1967 (a
neighbour errs at most twice as often as the best rule); von Neumann, Distribution of the ratio of the mean square
successive difference to the variance, 1941 (squared differences of neighbours are twice the noise of values).
"""

from typing import NamedTuple

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
"""Share of what is to be explained from which on a column tells the target almost perfectly.

Measured: the most that a column tells is 0.93 in iris, 0.83 in breast cancer, 0.76 in wine, 0.56 in digits, and 0.81 in
ten real tables; 100 rows of iris drawn by chance stay below 0.97 in 200 of 200 draws. Another word for the target tells
1.00, and 0.98 where one row in 100 of two even classes is wrong.
"""


MOST_ROWS, RARE_ROWS = 4096, 100
"""Rows that are looked at: more make the share no clearer, unless a class is rare. Then there are as many as hold the
second number of rows outside the largest class: of 100,000 payments with 150 frauds 4,096 hold 6."""


FEWEST = 10
"""Rows outside the largest class, or rows for each end of the values, below which chance could sort them."""


FEWEST_COLUMNS = 2
"""Where there is one column, a curve through points as a rule, nothing stands beside it that would be wasted."""


FEW_VALUES = 64
"""Different values up to which those alone are compared that are equal: so few neighbours are in order by chance."""


def find_target_leaks(dataset: Dataset) -> list[Finding]:
    """Find columns of rows of which one alone tells the class, or a value to be predicted, almost perfectly."""
    if dataset.form not in ("rows", "text") or _count_columns(dataset) < FEWEST_COLUMNS:
        return []
    rows = _choose_rows(dataset)
    columns, names = take_columns(dataset)
    shares = measure_columns(columns[rows], dataset.labels[rows])
    telling = [f"{names[k]} ({shares[k]:.1%})" for k in np.flatnonzero(shares >= ALMOST)]
    what = "no column alone should tell the target almost perfectly, but some do, each so much of it"
    return of_names(TARGET_LEAK, telling, what)


def _count_columns(dataset: Dataset) -> int:
    """Count the columns that were there to predict from, also those that were left out."""
    return len(dataset.table.columns) + len(dataset.table.dropped) if dataset.table else dataset.inputs.shape[1]


def _choose_rows(dataset: Dataset) -> np.ndarray:
    """Choose rows in an order of chance, none of the test part, one of each group: the others would predict it."""
    rows = np.unique(dataset.groups)
    if dataset.official_test is not None:
        rows = rows[~dataset.official_test[rows]]
    rows = rows[hash_order(len(rows), "target-leaks")]
    return np.asarray(rows[: max(MOST_ROWS, _reach_rare(dataset.labels[rows]) if dataset.classes else 0)])


def _reach_rare(labels: np.ndarray) -> int:
    """Return how many of the first labels (N,) hold enough that are not of the largest class; all where none do."""
    others = np.flatnonzero(labels != np.bincount(labels.clip(0), minlength=1).argmax())
    return int(others[RARE_ROWS - 1]) + 1 if len(others) >= RARE_ROWS else len(labels)


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
    if not targets:
        return found
    share = _share_of_values if labels.ndim == 2 else _share_of_classes
    for k, column in enumerate(columns.T):
        for pairs in _pair(column):
            found[k] = max(found[k], *(pairs.reached * share(target, pairs) for target in targets))
    return found


def _rank(values: np.ndarray) -> np.ndarray | None:
    """Replace values by their ranks, which no outlier moves; None where there are too few to say anything."""
    from scipy.stats import rankdata

    enough = len(values) >= 2 * FEWEST and np.isfinite(values).all() and values.min() < values.max()
    return np.asarray(rankdata(values)) if enough else None


class Pairs(NamedTuple):
    """Rows of which each predicts the other.

    first, second: numbers of the rows (P,). ends: whether their values differ, so that a class may end between them.
    reached: share of the rows that are in a pair; of the others nothing is known.
    """

    first: np.ndarray
    second: np.ndarray
    ends: bool
    reached: float


def _pair(column: np.ndarray) -> list[Pairs]:
    """Pair rows that share a value; and, where there are many values, those that are neighbours in their order.

    Numbers and codes look alike: a number tells by its neighbours, a code by those of the same code alone.
    """
    order = np.argsort(column, kind="stable")
    values, first, second = column[order], order[:-1], order[1:]
    same = (values[:-1] == values[1:]) | (np.isnan(values[:-1]) & np.isnan(values[1:]))
    partnered = np.append(same, False) | np.append(False, same)
    equal = [Pairs(first[same], second[same], False, float(partnered.mean()))] if same.any() else []
    many = np.count_nonzero(~same) >= FEW_VALUES
    return [*equal, Pairs(first, second, True, 1.0)] if many else equal


def _share_of_classes(labels: np.ndarray, pairs: Pairs) -> float:
    """Estimate by how much of the errors of the largest class a column alone makes fewer."""
    present = np.bincount(labels.clip(0))
    changes = (len(present[present > 0]) - 1) if pairs.ends else 0
    counted = len(pairs.first) - changes
    if counted < 1:
        return 0.0
    wrong = int(np.count_nonzero(labels[pairs.first] != labels[pairs.second]))
    errors = max(0, wrong - changes) / (2 * counted)
    return max(0.0, 1 - errors / (1 - int(present.max()) / len(labels)))


def _share_of_values(ranks: np.ndarray, pairs: Pairs) -> float:
    """Estimate the share of the variance that a column alone explains."""
    noise = float(np.mean((ranks[pairs.first] - ranks[pairs.second]) ** 2)) / 2
    return max(0.0, 1 - noise / float(ranks.var()))
