"""Whether single precision, in which networks compute, tells the numbers of a column apart."""

import numpy as np

NOISE = 1e-13
"""Spread, as a share of the largest number, that is rounding error of double precision: such a column is constant."""

LEAST = 1e-5
"""Spread, as a share of the largest number, below which single precision leaves too few steps between inputs."""

FINE = 1e-3
"""Likewise for values to be predicted, of which the difference from an answer counts, not the size."""

SMALLEST = 1e-37
"""Spread whose inverse single precision still holds."""


def spreads(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Largest less smallest number of each column (N, F), and the largest of them by size (F,), in double precision.

    >>> [float(one[0]) for one in spreads(np.array([[3.0], [-4.0]]))]
    [7.0, 4.0]
    """
    low, high = (np.asarray(end(axis=0), np.float64) for end in (columns.min, columns.max))
    return high - low, np.maximum(np.abs(low), np.abs(high))


def indistinct(columns: np.ndarray) -> np.ndarray:
    """Which columns of inputs (N, F) single precision does not tell apart: an offset or a size is beyond its steps.

    Single precision itself is only asked for a size: what it has lost already cannot be known.

    >>> indistinct(np.array([[1e9, 5.0, 7.0], [1e9 + 1, 6.0, 7.0]])).tolist()
    [0]
    """
    spread, size = spreads(columns)
    wide = (columns.dtype.kind == "f" and columns.dtype.itemsize > 4) or columns.dtype.kind in "iu"
    offset = (spread < LEAST * size) & (spread > NOISE * size) if wide else np.zeros(len(size), bool)
    tiny = (spread > 0) & (spread < SMALLEST) & (spread > NOISE * size)
    return np.flatnonzero(offset | tiny)


def coarse(columns: np.ndarray) -> list[str]:
    """Say of each column of inputs (N, F), of up to 5, that single precision does not tell its numbers apart."""
    return [
        f"columns of X must be told apart in float32, but column {k} runs from {columns[:, k].min()!s} to "
        f"{columns[:, k].max()!s}; subtract its mean and divide by its standard deviation in float64 first"
        for k in indistinct(columns)[:5]
    ]


def single_or_double(values: np.ndarray) -> np.ndarray:
    """Bring values (N, D) to float32, or to float64 where a large offset or a tiny size would lose them.

    >>> single_or_double(np.array([[1.0], [2.0]])).dtype, single_or_double(np.array([[1e8 + 0.5], [1e8]])).dtype
    (dtype('float32'), dtype('float64'))
    """
    with np.errstate(over="ignore", under="ignore"):
        single = values.astype(np.float32)
    if not len(values) or not np.isfinite(single).all():
        return np.ascontiguousarray(single)
    spread, size = spreads(values)
    risky = (spread < FINE * size) | (size < SMALLEST)
    lost = (single.astype(np.float64) != values).any(axis=0) | ((size > 0) & (size < SMALLEST))
    return np.ascontiguousarray(values.astype(np.float64) if (risky & lost).any() else single)
