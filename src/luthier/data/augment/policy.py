"""The fourteen operations that RandAugment and TrivialAugment choose from, batched."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from luthier.data.augment import geometric, pixel_operations
from luthier.data.augment.augmentation import Affine, Colour, Draw, Fill, Pixel, Size

OPERATIONS = (
    "identity", "autocontrast", "brightness", "color", "contrast", "equalize", "posterize", "rotate", "sharpness",
    "shear-x", "shear-y", "solarize", "translate-x", "translate-y",
)  # fmt: skip


@dataclass(frozen=True)
class Space:
    """What the highest level of each operation is.

    shear: pixels per pixel. share, pixels: of a shift, added. degrees: of a turn.
    factor: of brightness, colour, contrast and sharpness, away from 1. bits: that posterising keeps.
    """

    shear: float
    share: float
    pixels: float
    degrees: float
    factor: float
    bits: int


@dataclass(frozen=True)
class Choice:
    """One operation for each picture.

    operation: its number in OPERATIONS (B,). level: from 0 to 1 (B,). sign: 1 or -1, for those that have two ways (B,).
    """

    operation: Tensor
    level: Tensor
    sign: Tensor

    def at(self, name: str) -> Tensor:
        """Mark the pictures that have the named operation (B,)."""
        return self.operation == OPERATIONS.index(name)


def operate(choice: Choice, size: Size, space: Space, fill: Fill) -> list[Draw]:
    """Make the changes that give each picture of size (B, C, H, W) its operation."""
    signed = choice.level * choice.sign
    moved = _choose_matrices(choice, _moves(signed, size, space), 3)
    coloured = _choose_matrices(choice, _colours(1 + signed * space.factor, size[1]), size[1] + 1)
    return [Affine(moved, fill), Colour(coloured), Pixel(_apply_tones(choice, space))]


def _moves(level: Tensor, size: Size, space: Space) -> dict[str, Tensor]:
    none, (height, width) = torch.zeros_like(level), size[2:]
    return {
        "rotate": geometric.rotation_matrix(level * math.radians(space.degrees)),
        "shear-x": geometric.shear_matrix(level * space.shear, none),
        "shear-y": geometric.shear_matrix(none, level * space.shear),
        "translate-x": geometric.shift_matrix(level * (space.share * width + space.pixels), none),
        "translate-y": geometric.shift_matrix(none, level * (space.share * height + space.pixels)),
    }


def _colours(factor: Tensor, channels: int) -> dict[str, Tensor]:
    made = {
        "brightness": pixel_operations.brightness,
        "color": pixel_operations.saturation,
        "contrast": pixel_operations.contrast,
    }
    return {name: one(factor, channels) for name, one in made.items()}


def _choose_matrices(choice: Choice, matrices: dict[str, Tensor], side: int) -> Tensor:
    """Choose each picture's matrix, the identity where its operation is none of these."""
    found = torch.eye(side).repeat(len(choice.operation), 1, 1)
    for name, matrix in matrices.items():
        found = torch.where(choice.at(name)[:, None, None], matrix, found)
    return found


def _apply_tones(choice: Choice, space: Space) -> Callable[[Tensor], Tensor]:
    """Apply the operations that look at the picture, each to the pictures that it was drawn for."""
    level, sharper = choice.level, 1 + choice.level * choice.sign * space.factor
    tones_of: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
        "autocontrast": lambda some, _: pixel_operations.autocontrast(some),
        "equalize": lambda some, _: pixel_operations.equalize(some),
        "posterize": lambda some, at: pixel_operations.posterize(some, 8 - level[at] * (8 - space.bits)),
        "sharpness": lambda some, at: pixel_operations.sharpness(some, sharper[at]),
        "solarize": lambda some, at: pixel_operations.solarize(some, 1 - level[at]),
    }

    def toned(pictures: Tensor) -> Tensor:
        for name, tone in tones_of.items():
            at = choice.at(name).nonzero().squeeze(1)
            if len(at):
                which = at.to(pictures.device)
                pictures = pictures.index_copy(0, which, tone(pictures.index_select(0, which), at))
        return pictures

    return toned
