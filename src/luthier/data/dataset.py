"""The data set: inputs, labels, class names, the official test part if there is one, and a fingerprint."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

PICTURE_DIMENSIONS = 4


@dataclass(frozen=True)
class Dataset:
    """N labelled examples in memory, checked when they were read.

    name: what people call it.
    inputs: pictures (N, H, W, C) as uint8 or float32, or rows (N, F) as float32.
    labels: class numbers (N,), int64, in [0, K).
    classes: the K class names.
    official_test: True where an example belongs to the published test part (N,), or None where there is none.
    """

    name: str
    inputs: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    official_test: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def is_picture(self) -> bool:
        """Whether the inputs are pictures rather than rows of a table."""
        return self.inputs.ndim == PICTURE_DIMENSIONS

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one example as a network sees it: (C, H, W) or (F,)."""
        if self.is_picture:
            height, width, channels = self.inputs.shape[1:]
            return (channels, height, width)
        return (self.inputs.shape[1],)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over everything that training sees; equal data have equal fingerprints wherever they lie."""
        digest = hashlib.sha256()
        for array in (self.inputs, self.labels, self.official_test):
            if array is not None:
                digest.update(f"{array.dtype.str}{array.shape}".encode())
                digest.update(np.ascontiguousarray(array).data)
        digest.update("\0".join(self.classes).encode())
        return digest.hexdigest()

    @cached_property
    def groups(self) -> np.ndarray:
        """Number of the first example with the same input (N,): equal examples must land in the same part."""
        first: dict[bytes, int] = {}
        flat = np.ascontiguousarray(self.inputs).reshape(len(self), -1)
        keys = (hashlib.blake2b(row.data, digest_size=16).digest() for row in flat)
        return np.fromiter((first.setdefault(key, i) for i, key in enumerate(keys)), np.int64, len(self))
