"""A batch of examples, and what kind of data the examples are."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from torch import Tensor

Inputs = Tensor | dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Batch:
    """B examples on the device.

    inputs: pictures (B, C, H, W) or rows (B, F) as floats, or a dict of tensors with B rows each.
    target: what the loss compares with: soft classes (B, K) with rows that sum to 1, or values (B, D).
    label: the true class (B,), or values (B, D), never overwritten, so that metrics stay honest.
    weight: share of each example in the mean loss (B,), 1 where nothing else is asked.
    index: the number of each example in its data set (B,).
    aux: extra streams; each tensor has a whole multiple of B rows, example i owning its i-th block.
    first: place of its first example in the step's batch; above 0 in the later parts of one.
    """

    inputs: Inputs
    target: Tensor
    label: Tensor
    weight: Tensor
    index: Tensor
    aux: Mapping[str, Tensor] = field(default_factory=dict)
    first: int = 0

    def __len__(self) -> int:
        return self.index.shape[0]

    def replace(self, **changes: Any) -> "Batch":
        """Make a batch that differs in the named fields."""
        return replace(self, **changes)

    def rows(self, start: int, stop: int) -> "Batch":
        """Take the examples from start up to but not including stop, with their rows of each extra stream."""
        size = len(self)

        def cut(tensor: Tensor) -> Tensor:
            block = tensor.shape[0] // size
            return tensor[start * block : stop * block]

        inputs = {k: cut(v) for k, v in self.inputs.items()} if isinstance(self.inputs, dict) else cut(self.inputs)
        aux = {name: cut(tensor) for name, tensor in self.aux.items()}
        first = self.first + start
        return Batch(inputs, cut(self.target), cut(self.label), cut(self.weight), cut(self.index), aux, first)


Form = Literal["pictures", "rows", "sequences", "text"]


OF_DIMENSIONS: dict[int, Form] = {1: "rows", 2: "sequences", 3: "pictures"}
"""Form of examples (F,), (T, F) and (C, H, W)."""


class Text(NamedTuple):
    """How a row holds a text: `columns` other numbers, then words, each below `tokens`, the size of the vocabulary."""

    columns: int
    tokens: int
