"""Data that are kept on the device: a batch is one index-select, without loader processes."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.errors import BadInput
from luthier.data.images.fit import Fit
from luthier.data.units import WHITE

EVALUATION_BATCH = 1000


@dataclass(frozen=True)
class DeviceDataset:
    """Examples of one part on the device; several parts share one store.

    store: all inputs, pictures (N, H, W, C) as uint8 or float32, or rows (N, F) as float32.
    labels: class numbers of all examples (N,), or their values (N, D).
    indices: numbers of this part's examples (M,), int64.
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
        """The identity matrix, whose row k is the target of class k (K, K)."""
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
        """Return the true classes of this part's examples (M,), or their values (M, D)."""
        return self.labels.index_select(0, self.indices)

    def own_weights(self) -> Tensor:
        """Return how much each of this part's examples counts (M,)."""
        return self._weight(self.indices)

    def inputs(self, index: Tensor) -> Tensor:
        """Take inputs by number in the store as floats: pictures (B, C, H, W), channels last in memory, or rows."""
        return scale_to_floats(self.store.index_select(0, index))

    def in_order(self, size: int = EVALUATION_BATCH) -> Iterator[Batch]:
        """Yield the part once, in order, in batches of at most size."""
        for positions in torch.split(torch.arange(len(self), device=self.device), size):
            yield self.batch(positions)

    def part(self, indices: np.ndarray) -> "DeviceDataset":
        """Make a data set of another part that shares the store."""
        return replace(self, indices=torch.as_tensor(indices, device=self.device))


def scale_to_floats(inputs: Tensor) -> Tensor:
    """Turn inputs in the form of `Dataset.inputs` into floats: bytes stand for [0, 1]; pictures become (B, C, H, W).

    >>> scale_to_floats(torch.tensor([[[[51, 255]]]], dtype=torch.uint8)).shape
    torch.Size([1, 2, 1, 1])
    """
    chosen = inputs.permute(0, 3, 1, 2) if inputs.ndim == 4 else inputs
    return chosen.float().div_(WHITE) if chosen.dtype == torch.uint8 else chosen


def to_device(
    inputs: np.ndarray, labels: np.ndarray, classes: int, device: torch.device, weights: np.ndarray | None = None
) -> DeviceDataset:
    """Move a data set to the device; on the CPU the memory is shared, not copied, so a mapped file stays mapped.

    Raises BadInput where the device cannot hold the precision of the values.
    """
    if device.type == "mps" and labels.dtype == np.float64:
        raise BadInput(
            "values with a large offset or a tiny size need double precision, but mps has none; "
            "standardise y, or use device cpu"
        )
    with warnings.catch_warnings(action="ignore"):  # that a tensor on read-only memory must not be written: it is not
        store = torch.as_tensor(inputs, device=device)
        numbers = torch.as_tensor(labels, device=device)
        shares = None if weights is None else torch.as_tensor(weights, device=device)
    return DeviceDataset(store, numbers, torch.arange(len(labels), device=device), classes, shares)


def cut_batches(order: Tensor, size: int) -> tuple[Tensor, ...]:
    """Cut an order into batches of at most size examples whose sizes differ by one at most, so that none is tiny.

    >>> [len(one) for one in cut_batches(torch.arange(9), 4)]
    [3, 3, 3]
    """
    return order.tensor_split(count_batches(len(order), size))


def count_batches(examples: int, size: int) -> int:
    """Return the number of batches in an epoch."""
    return -(-examples // size)


CHUNK = 4096


def resize_pictures(pictures: np.ndarray, side: int, fit: Fit) -> np.ndarray:
    """Bring pictures (N, H, W, C) to (N, side, side, C), keeping their type.

    side: pixels, at least 1.
    fit: resize stretches both sides; pad shrinks what is too large and centres it on zeros, never enlarging;
        crop scales the shorter side to fit and keeps the centre.

    >>> resize_pictures(np.full((2, 3, 5, 1), 7, np.uint8), 6, "pad")[0, 3, :, 0].tolist()
    [7, 7, 7, 7, 7, 0]
    """
    if pictures.shape[1:3] == (side, side):
        return pictures
    result = np.zeros((len(pictures), side, side, pictures.shape[3]), pictures.dtype)
    for start in range(0, len(pictures), CHUNK):
        part = torch.tensor(pictures[start : start + CHUNK]).permute(0, 3, 1, 2).float()
        square = FITS[fit](part, side).permute(0, 2, 3, 1)
        exact = square.round().clamp(0, 255) if pictures.dtype == np.uint8 else square
        result[start : start + CHUNK] = exact.numpy().astype(pictures.dtype)
    return result


def _scale(pictures: Tensor, height: int, width: int) -> Tensor:
    if pictures.shape[2:] == (height, width):
        return pictures
    return F.interpolate(pictures, (height, width), mode="bilinear", align_corners=False, antialias=True)


def _stretch(pictures: Tensor, side: int) -> Tensor:
    return _scale(pictures, side, side)


def _pad(pictures: Tensor, side: int) -> Tensor:
    shrink = min(1.0, side / max(pictures.shape[2:]))
    height, width = (max(1, round(length * shrink)) for length in pictures.shape[2:])
    top, left = (side - height) // 2, (side - width) // 2
    return F.pad(_scale(pictures, height, width), (left, side - width - left, top, side - height - top))


def _crop(pictures: Tensor, side: int) -> Tensor:
    factor = side / min(pictures.shape[2:])
    height, width = (max(side, round(length * factor)) for length in pictures.shape[2:])
    top, left = (height - side) // 2, (width - side) // 2
    return _scale(pictures, height, width)[:, :, top : top + side, left : left + side]


FITS = {"crop": _crop, "pad": _pad, "resize": _stretch}
