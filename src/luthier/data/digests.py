"""By what equal examples are known."""

import hashlib

import numpy as np


def digests(inputs: np.ndarray, keys: np.ndarray | None = None) -> list[bytes]:
    """16 bytes for each example (N, ...), equal where examples are.

    keys: by which they are known instead (N, 16), where the inputs are not what was read.

    >>> one, other, again = digests(np.array([[1, 2], [3, 4], [1, 2]]))
    >>> one == again, one == other
    (True, False)
    """
    flat = np.ascontiguousarray(inputs if keys is None else keys).reshape(len(inputs), -1)
    return [hashlib.blake2b(row.data, digest_size=16).digest() for row in flat]
