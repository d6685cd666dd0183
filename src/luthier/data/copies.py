"""Which examples are copies of one another: equal inputs, unless rows of a table are equal by chance."""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np

PROBABLE = 0.05
"""Rows that are expected to equal a row by chance, from which on equal rows count as different examples."""


FEW, OFTEN = 64, 10
"""A column has few values where they are at most so many, each there so often on average."""


def hash_examples(inputs: np.ndarray, keys: np.ndarray | None = None) -> list[bytes]:
    """Compute 16 bytes for each example (N, ...), equal where examples are equal.

    keys: by which they are known instead (N, 16), where the inputs are not what was read.

    >>> one, other, again = hash_examples(np.array([[1, 2], [3, 4], [1, 2]]))
    >>> one == again, one == other
    (True, False)
    """
    flat = np.ascontiguousarray(inputs if keys is None else keys).reshape(len(inputs), -1)
    return [hashlib.blake2b(row.data, digest_size=16).digest() for row in flat]


def find_equal(keys: Sequence[bytes]) -> np.ndarray:
    """Find the number of the first example with the same key, for each example (N,).

    >>> find_equal([b"a", b"b", b"a"]).tolist()
    [0, 1, 0]
    """
    first: dict[bytes, int] = {}
    return np.fromiter((first.setdefault(key, i) for i, key in enumerate(keys)), np.int64, len(keys))


def part_chance_twins(equal: np.ndarray, columns: Iterable[np.ndarray]) -> np.ndarray:
    """Let rows that are equal by chance count as different ones: 500 women of 30 are no copies of one woman of 30.

    Columns are taken for independent: where p1, p2, ... are the shares of the rows that hold the same in a column,
    (N - 1) p1 p2 ... others are expected to equal a row by chance.

    equal: number of the first equal row, for each row (N,). columns: what stands in each column, (N, any).

    >>> sex = np.arange(1000)[:, None] % 2
    >>> part_chance_twins(np.arange(1000) % 2, [sex]).tolist() == list(range(1000))
    True
    >>> part_chance_twins(np.arange(1000) % 999, [np.arange(1000)[:, None] % 999, sex * 0])[999].item()
    0
    """
    repeated = np.flatnonzero(np.bincount(equal, minlength=len(equal)) > 1)
    probable = repeated[_have_probable_twins(equal, repeated, columns)]
    return np.where(np.isin(equal, probable), np.arange(len(equal)), equal)


def mark_chance_rows(equal: np.ndarray, columns: Iterable[np.ndarray]) -> np.ndarray:
    """Mark the rows (N,) that another may well equal by chance, whether or not one does.

    Rule and arguments are those of `part_chance_twins`.

    >>> mark_chance_rows(np.arange(100), [np.repeat([0, 1], [99, 1])[:, None]]).all().item()
    True
    >>> mark_chance_rows(np.arange(100), [np.arange(100)[:, None]]).any().item()
    False
    """
    first, number = np.unique(equal, return_inverse=True)
    return _have_probable_twins(equal, first, columns)[number]


def _have_probable_twins(equal: np.ndarray, rows: np.ndarray, columns: Iterable[np.ndarray]) -> np.ndarray:
    """Return for some rows (R,), each the first of those that equal it, whether others may well equal it by chance."""
    if not equal.any():  # rows that are all equal differ in nothing: whatever they say, they are one
        return np.zeros(len(rows), bool)
    copies = np.bincount(equal, minlength=len(equal))[rows]
    expected = np.full(len(rows), len(equal) - 1.0)
    for column in columns:
        if (expected < PROBABLE).all():
            break
        expected *= _share_of_equals(column, rows, copies)
    return expected >= PROBABLE


def _share_of_equals(column: np.ndarray, rows: np.ndarray, copies: np.ndarray) -> np.ndarray:
    """Estimate how probably another row holds the same in a column (N, any) as some rows do (R,).

    In a column of few values it is the share of all rows; in any other that of the rows that are not equal to this one
    altogether, so that a row that was copied often does not pass for a frequent one. copies: of each row, itself too.
    """
    flat = np.ascontiguousarray(column).reshape(len(column), -1)
    content = flat.view(np.dtype((np.void, flat.dtype.itemsize * flat.shape[1])))[:, 0]
    values, code, counts = np.unique(content, return_inverse=True, return_counts=True)
    alike = counts[code[rows]]
    if len(values) <= FEW and len(values) * OFTEN <= len(column):
        return np.asarray(alike / len(column))
    return np.asarray((alike - copies) / np.maximum(len(column) - copies, 1))
