"""Reads the y of regression in one form and precision; checks whether values or classes of such sizes can be learnt."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

FEWEST = 5


SHOWN = 5


def are_values(y: Any) -> bool:
    """Return whether y holds numbers of which at least one is not whole, so that it cannot number classes.

    >>> are_values([0.5, 1.0]), are_values([0.0, 1.0]), are_values(["0.5", "1"])
    (True, False, False)
    """
    numbers = _numbers(y)
    if numbers is None or numbers.dtype.kind != "f":
        return False
    finite = numbers[np.isfinite(numbers)]
    return bool((finite != np.floor(finite)).any())


def check_values_or_classes(parts: Sequence[Any]) -> list[str]:
    """Describe why values cannot be told from classes: in no part are more than a few numbers of y not whole."""
    found = [_strays(y) for y in parts]
    if any(are_values(y) and not len(rows) for y, rows in zip(parts, found, strict=True)):
        return []
    return [
        f"y must hold classes or values, but {len(rows)} of its numbers are not whole among many that are, such as "
        f"{np.asarray(y)[rows[0]]} in row {rows[0]}; mend them, or set data.task = 'regression' where they are values"
        for y, rows in zip(parts, found, strict=True)
        if len(rows)
    ]


def _strays(y: Any) -> np.ndarray:
    numbers = _numbers(y)
    return find_strays(numbers) if numbers is not None and numbers.ndim == 1 else np.zeros(0, np.int64)


def read_values(y: Any, problems: list[str]) -> np.ndarray:
    """Convert the values to (N, D), float32, or float64 where float32 would lose them; y is (N,) or (N, D)."""
    numbers = _numbers(y)
    if numbers is None or numbers.ndim not in (1, 2) or 0 in numbers.shape[1:]:
        form = f"shape {numbers.shape}" if numbers is not None else "something else"
        problems.append(f"values must be numbers of shape (N,) or (N, D), but got {form}; bring y to that form")
        scalar = getattr(y, "shape", None) == ()
        return np.zeros((len(y) if hasattr(y, "__len__") and not scalar else 0, 1), np.float32)
    values = to_single_or_double(numbers if numbers.ndim == 2 else numbers[:, None])
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(bad):
        some = ", ".join(map(str, bad[:SHOWN].tolist())) + (", ..." if len(bad) > SHOWN else "")
        problems.append(
            f"values must be finite in float32, but {len(bad)} are not, such as rows {some}; drop such rows"
        )
    return values


def check_values(values: np.ndarray) -> list[str]:
    """Describe what keeps training values (N, D) from being learned: too few, or a column that never changes."""
    if len(values) < FEWEST:
        return [f"regression needs at least {FEWEST} training examples, but got {len(values)}; add examples"]
    spread, size = compute_spreads(values)
    constant = np.flatnonzero(spread <= NOISE * size).tolist()
    return [
        f"values must differ, but all {len(values)} in column {k} of y are {values[0, k]}; "
        "there is nothing to learn: mend y or drop the column"
        for k in constant
    ]


def _numbers(y: Any) -> np.ndarray | None:
    """Return the numbers in y as they are, boxed ones as float64; None where y holds anything else."""
    array = np.asarray(y) if hasattr(y, "__array__") else np.asarray(y, object)
    if array.dtype.kind == "O":
        if any(isinstance(value, str | bytes) for value in array.flat):
            return None
        try:
            return array.astype(np.float64)
        except (TypeError, ValueError, OverflowError):
            return None
    return array if array.dtype.kind in "uifb" else None


def check_class_counts(numbers: np.ndarray, names: tuple[str, ...], *, named: bool = True) -> list[str]:
    """Describe what keeps classes from being learned: too few of them, or of their training examples.

    named: whether it is certain that they are classes; whole numbers that were taken for such may be counts.
    """
    counts = np.bincount(numbers, minlength=len(names))
    if len(names) < 2:
        return [
            f"training needs at least 2 classes, but got {len(names)} ({', '.join(names)}); "
            "add examples of another class"
        ]
    scarce = [f"{name} ({count})" for name, count in zip(names, counts, strict=True) if count < 2]
    if not scarce:
        return []
    amounts = not named and len(names) > 2 and all(map(WHOLE.fullmatch, names))
    other = ", or set data.task = 'regression' where the numbers are counts or amounts" if amounts else ""
    return [
        f"every class needs at least 2 training examples, but too few are in {', '.join(scarce[:SHOWN])}; "
        f"add examples or drop the class{other}"
    ]


WHOLE = re.compile(r"-?\d+")


def match_classes(names: Sequence[str], known: Sequence[str]) -> dict[str, int]:
    """Find the number of each class among those that are known; what is not among them is left out.

    Classes are the same where their names are the same texts. Where none is, true stands for True and 1 for 1.0, as
    arrays and typed files write what a CSV file writes otherwise, unless two known classes are alike in this.

    >>> match_classes(["b", "true", "01"], ["a", "b", "True", "1"])
    {'b': 1, 'true': 2}
    """
    plain = [_write_plainly(name) for name in known]
    numbers = {_write_plainly(name): k for k, name in enumerate(known) if plain.count(_write_plainly(name)) == 1}
    numbers_by_name = {name: k for k, name in enumerate(known)}
    found = {name: numbers_by_name.get(name, numbers.get(_write_plainly(name))) for name in names}
    return {name: k for name, k in found.items() if k is not None}


def _write_plainly(name: str) -> str:
    whole, _, rest = name.partition(".")
    if rest and not rest.strip("0") and re.fullmatch("-?[0-9]+", whole):
        return whole
    return name.lower() if name.lower() in ("false", "true") else name


FEW = 10
"""At most one number in so many may be a slip; more of them are meant."""


MANY = 30
"""Most different whole numbers that are taken for classes where the task is not given."""


def find_strays(numbers: np.ndarray) -> np.ndarray:
    """Find the rows of the few numbers (N,) that are not whole among many that are, such as 1.5 among labels.

    It finds no rows where they are not few, or where the others are too many to be classes.

    >>> find_strays(np.array([0, 1, 0, 1, 2, 0, 1, 2, 0, 1.5])).tolist(), find_strays(np.array([0.5, 1.0])).tolist()
    ([9], [])
    """
    finite = np.isfinite(numbers)
    odd = finite & (numbers != np.floor(numbers))
    few = FEW * np.count_nonzero(odd) <= np.count_nonzero(finite)
    return np.flatnonzero(odd) if few and len(np.unique(numbers[finite & ~odd])) <= MANY else np.zeros(0, np.int64)


NOISE = 1e-13
"""Spread, as a share of the largest number, that is rounding error of double precision: such a column is constant."""


LEAST = 1e-5
"""Spread, as a share of the largest number, below which single precision leaves too few steps between inputs."""


FINE = 1e-3
"""Likewise for values to be predicted, of which the difference from an answer counts, not the size."""


SMALLEST = 1e-37
"""Spread whose inverse single precision still holds."""


def compute_spreads(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute the range of each column (N, F), and its largest number by size (F,), in double precision.

    >>> [float(one[0]) for one in compute_spreads(np.array([[3.0], [-4.0]]))]
    [7.0, 4.0]
    """
    low, high = (np.asarray(end(axis=0), np.float64) for end in (columns.min, columns.max))
    return high - low, np.maximum(np.abs(low), np.abs(high))


def find_indistinct(columns: np.ndarray) -> np.ndarray:
    """Mark the columns of inputs (N, F) whose numbers single precision cannot tell apart: a large offset or tiny size.

    Single precision itself is only asked for a size: what it has lost already cannot be known.

    >>> find_indistinct(np.array([[1e9, 5.0, 7.0], [1e9 + 1, 6.0, 7.0]])).tolist()
    [0]
    """
    spread, size = compute_spreads(columns)
    wide = (columns.dtype.kind == "f" and columns.dtype.itemsize > 4) or columns.dtype.kind in "iu"
    offset = (spread < LEAST * size) & (spread > NOISE * size) if wide else np.zeros(len(size), bool)
    tiny = (spread > 0) & (spread < SMALLEST) & (spread > NOISE * size)
    return np.flatnonzero(offset | tiny)


def describe_indistinct(columns: np.ndarray) -> list[str]:
    """Describe each column of inputs (N, F), up to 5, whose numbers single precision cannot tell apart."""
    return [
        f"columns of X must be told apart in float32, but column {k} runs from {columns[:, k].min()!s} to "
        f"{columns[:, k].max()!s}; subtract its mean and divide by its standard deviation in float64 first"
        for k in find_indistinct(columns)[:5]
    ]


def to_single_or_double(values: np.ndarray) -> np.ndarray:
    """Convert values (N, D) to float32, or to float64 where a large offset or a tiny size would lose them.

    >>> to_single_or_double(np.array([[1.0], [2.0]])).dtype, to_single_or_double(np.array([[1e8 + 0.5], [1e8]])).dtype
    (dtype('float32'), dtype('float64'))
    """
    with np.errstate(over="ignore", under="ignore"):
        single = values.astype(np.float32)
    if not len(values) or not np.isfinite(single).all():
        return np.ascontiguousarray(single)
    spread, size = compute_spreads(values)
    risky = (spread < FINE * size) | (size < SMALLEST)
    lost = (single.astype(np.float64) != values).any(axis=0) | ((size > 0) & (size < SMALLEST))
    return np.ascontiguousarray(values.astype(np.float64) if (risky & lost).any() else single)
