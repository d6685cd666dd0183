"""Numbers that could be classes or values: whole ones, but for a few."""

import numpy as np

FEW = 10
"""At most one number in so many may be a slip; more of them are meant."""
MANY = 30
"""Different whole numbers up to which they are taken for classes where nobody says."""


def strays(numbers: np.ndarray) -> np.ndarray:
    """Rows of the few numbers (N,) that are not whole among many that are, as 1.5 is among labels; none where they
    are no few, or where the others are too many for classes.

    >>> strays(np.array([0, 1, 0, 1, 2, 0, 1, 2, 0, 1.5])).tolist(), strays(np.array([0.5, 1.0])).tolist()
    ([9], [])
    """
    finite = np.isfinite(numbers)
    odd = finite & (numbers != np.floor(numbers))
    few = FEW * np.count_nonzero(odd) <= np.count_nonzero(finite)
    return np.flatnonzero(odd) if few and len(np.unique(numbers[finite & ~odd])) <= MANY else np.zeros(0, np.int64)
