"""The contract of an augmentation: it draws, and the composer applies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor

from luthier.core.card import TipCard
from luthier.core.declare import Part

Size = tuple[int, int, int, int]


Fill = Literal["zeros", "edge", "reflect"]


@dataclass(frozen=True)
class Affine:
    """Where each picture's points move: matrices (B, 3, 3) on (x, y, 1), pixels from the centre, y downwards.

    fill: what comes in from outside the picture: black, the nearest pixel of the edge, or the picture reflected at its
        border; None where nothing does, and the moves beside it decide.
    """

    matrix: Tensor
    fill: Fill | None = None


@dataclass(frozen=True)
class Colour:
    """How each picture's channels mix: matrices (B, C + 1, C + 1) on (channels, 1), values in [0, 1]."""

    matrix: Tensor


@dataclass(frozen=True)
class Pixel:
    """An operation on pictures (B, C, H, W) that is no matrix; its random numbers are already drawn."""

    apply: Callable[[Tensor], Tensor]


Draw = Affine | Colour | Pixel


class Augmentation(Part):
    """Draws one random change per example."""

    card: ClassVar[TipCard]

    @property
    def off(self) -> bool:
        """Whether its settings change nothing at all; such a part is left out and costs nothing."""
        return False

    @property
    def label_changing(self) -> bool:
        """Whether it may turn a letter or digit into another one: a mirrored b is a d, a turned 6 is a 9."""
        return False

    def draw(self, size: Size, rng: torch.Generator) -> Draw:
        """Draw the changes for B pictures of size (B, C, H, W), on the CPU; every draw comes from rng."""
        raise NotImplementedError
