"""The y of regression: values to be predicted, brought to one form and checked for everything at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from luthier.data.precision import NOISE, single_or_double, spreads
from luthier.data.whole import strays

FEWEST = 5
SHOWN = 5


def are_values(y: Any) -> bool:
    """Whether y holds numbers of which at least one is not whole, so that it cannot number classes.

    >>> are_values([0.5, 1.0]), are_values([0.0, 1.0]), are_values(["0.5", "1"])
    (True, False, False)
    """
    numbers = _numbers(y)
    if numbers is None or numbers.dtype.kind != "f":
        return False
    finite = numbers[np.isfinite(numbers)]
    return bool((finite != np.floor(finite)).any())


def doubtful(parts: Sequence[Any]) -> list[str]:
    """What keeps values from being told from classes: in the y of no part are more than a few not whole."""
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
    return strays(numbers) if numbers is not None and numbers.ndim == 1 else np.zeros(0, np.int64)


def read_values(y: Any, problems: list[str]) -> np.ndarray:
    """Bring the values to (N, D), float32, or float64 where that would lose them; y is (N,) or (N, D)."""
    numbers = _numbers(y)
    if numbers is None or numbers.ndim not in (1, 2) or 0 in numbers.shape[1:]:
        form = f"shape {numbers.shape}" if numbers is not None else "something else"
        problems.append(f"values must be numbers of shape (N,) or (N, D), but got {form}; bring y to that form")
        return np.zeros((len(y) if hasattr(y, "__len__") else 0, 1), np.float32)
    values = single_or_double(numbers.reshape(len(numbers), -1))
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(bad):
        some = ", ".join(map(str, bad[:SHOWN].tolist())) + (", ..." if len(bad) > SHOWN else "")
        problems.append(
            f"values must be finite in float32, but {len(bad)} are not, such as rows {some}; drop such rows"
        )
    return values


def poor_values(values: np.ndarray) -> list[str]:
    """What keeps training values (N, D) from being learned: too few of them, or a column that never changes."""
    if len(values) < FEWEST:
        return [f"regression needs at least {FEWEST} training examples, but got {len(values)}; add examples"]
    spread, size = spreads(values)
    constant = np.flatnonzero(spread <= NOISE * size).tolist()
    return [
        f"values must differ, but all {len(values)} in column {k} of y are {values[0, k]}; "
        "there is nothing to learn: mend y or drop the column"
        for k in constant
    ]


def _numbers(y: Any) -> np.ndarray | None:
    """The numbers in y as they are, those in boxes as float64; None where y holds anything else."""
    array = np.asarray(y) if hasattr(y, "__array__") else np.asarray(y, object)
    if array.dtype.kind == "O":
        if any(isinstance(value, str | bytes) for value in array.flat):
            return None
        try:
            return array.astype(np.float64)
        except (TypeError, ValueError, OverflowError):
            return None
    return array if array.dtype.kind in "uifb" else None
