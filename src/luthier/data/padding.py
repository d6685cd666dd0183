"""Sequences of several arrays, brought to one length."""

from collections.abc import Sequence

import numpy as np


def longest(parts: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Bring the sequences of several arrays (N, T, F) to the length of the longest, NaN behind their ends.

    >>> [part.shape for part in longest([np.zeros((5, 2, 3)), np.zeros((1, 7, 3))])]
    [(5, 7, 3), (1, 7, 3)]
    """
    steps = max(part.shape[1] for part in parts)
    return [np.pad(part, ((0, 0), (0, steps - part.shape[1]), (0, 0)), constant_values=np.nan) for part in parts]
