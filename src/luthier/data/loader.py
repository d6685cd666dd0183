"""Data that live on the device: a batch is one index-select, no loader processes."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from luthier.core.batch import Batch

EVALUATION_BATCH = 1000
WHITE = 255


@dataclass(frozen=True)
class DeviceDataset:
    """Examples of one part on the device; several parts share one store.

    store: all inputs, pictures (N, H, W, C) as uint8 or float32, or rows (N, F) as float32.
    labels: class numbers of all examples (N,), or their values (N, D).
    members: numbers of this part's examples (M,), int64.
    classes: K; 0 where labels are values.
    weights: of all examples (N,); None counts all alike.
    """

    store: Tensor
    labels: Tensor
    indices: Tensor
    classes: int
    weights: Tensor | None = None

    def __len__(self) -> int:
        return self.indices.shape[0]

    @property
    def device(self) -> torch.device:
        return self.store.device

    @cached_property
    def identity(self) -> Tensor:
        """Row k is the target of class k (K, K)."""
        return torch.eye(self.classes, device=self.device)

    def batch(self, positions: Tensor) -> Batch:
        """Take the examples at the given positions of this part (B,)."""
        index = self.indices.index_select(0, positions)
        label = self.labels.index_select(0, index)
        target = self.identity.index_select(0, label) if self.classes else label
        return Batch(self.inputs(index), target, label, self._weight(index), index)

    def _weight(self, index: Tensor) -> Tensor:
        if self.weights is None:
            return torch.ones_like(index, dtype=torch.float32)
        return self.weights.index_select(0, index)

    def own_labels(self) -> Tensor:
        """True classes of this part's examples (M,), or their values (M, D)."""
        return self.labels.index_select(0, self.indices)

    def own_weights(self) -> Tensor:
        """How much each of this part's examples counts (M,)."""
        return self._weight(self.indices)

    def inputs(self, index: Tensor) -> Tensor:
        """Take inputs by number in the store as floats: pictures (B, C, H, W), channels last in memory, or rows."""
        chosen = self.store.index_select(0, index)
        if chosen.ndim == 4:
            chosen = chosen.permute(0, 3, 1, 2)
        return chosen.float().div_(WHITE) if chosen.dtype == torch.uint8 else chosen

    def in_order(self, size: int = EVALUATION_BATCH) -> Iterator[Batch]:
        """Walk through the part once, in order, in batches of at most size."""
        for positions in torch.split(torch.arange(len(self), device=self.device), size):
            yield self.batch(positions)

    def part(self, indices: np.ndarray) -> "DeviceDataset":
        """Share the store with another part."""
        return replace(self, indices=torch.as_tensor(indices, device=self.device))


def to_device(
    inputs: np.ndarray, labels: np.ndarray, classes: int, device: torch.device, weights: np.ndarray | None = None
) -> DeviceDataset:
    """Move a data set to the device; on the CPU the memory is shared, not copied, so that a mapped file stays one."""
    with warnings.catch_warnings(action="ignore"):  # that a tensor on read-only memory must not be written: it is not
        store = torch.as_tensor(inputs, device=device)
        numbers = torch.as_tensor(labels, device=device)
        shares = None if weights is None else torch.as_tensor(weights, device=device)
    return DeviceDataset(store, numbers, torch.arange(len(labels), device=device), classes, shares)


def batches(order: Tensor, size: int) -> tuple[Tensor, ...]:
    """Cut an order into batches of at most size examples that differ by one at most, so that none is tiny.

    >>> [len(one) for one in batches(torch.arange(9), 4)]
    [3, 3, 3]
    """
    return order.tensor_split(batch_count(len(order), size))


def batch_count(examples: int, size: int) -> int:
    """Number of batches that an epoch has."""
    return -(-examples // size)
