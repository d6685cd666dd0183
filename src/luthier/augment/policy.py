"""The fourteen operations that RandAugment and TrivialAugment choose from, batched."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from luthier.augment import colours, moves, tones
from luthier.augment.augmentation import Affine, Colour, Draw, Fill, Pixel, Size

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


def operate(operation: Tensor, level: Tensor, sign: Tensor, size: Size, space: Space, fill: Fill) -> list[Draw]:
    """Give each picture its operation, by number in OPERATIONS (B,), at its level from 0 to 1 and its sign (B,)."""
    made = {**_moves(level * sign, size, space), **_colours(1 + level * sign * space.factor, size[1])}
    moved = _chosen(operation, {name: one for name, one in made.items() if name in MOVES}, 3)
    coloured = _chosen(operation, {name: one for name, one in made.items() if name not in MOVES}, size[1] + 1)
    return [Affine(moved, fill), Colour(coloured), Pixel(_toned(operation, level, sign, space))]


MOVES = {"rotate", "shear-x", "shear-y", "translate-x", "translate-y"}


def _moves(level: Tensor, size: Size, space: Space) -> dict[str, Tensor]:
    none, (height, width) = torch.zeros_like(level), size[2:]
    return {
        "rotate": moves.rotation(level * math.radians(space.degrees)),
        "shear-x": moves.shearing(level * space.shear, none),
        "shear-y": moves.shearing(none, level * space.shear),
        "translate-x": moves.shifting(level * (space.share * width + space.pixels), none),
        "translate-y": moves.shifting(none, level * (space.share * height + space.pixels)),
    }


def _colours(factor: Tensor, channels: int) -> dict[str, Tensor]:
    made = {"brightness": colours.brightness, "color": colours.saturation, "contrast": colours.contrast}
    return {name: one(factor, channels) for name, one in made.items()}


def _chosen(operation: Tensor, matrices: dict[str, Tensor], side: int) -> Tensor:
    """Each picture's matrix, the identity where its operation is none of these."""
    found = torch.eye(side).repeat(len(operation), 1, 1)
    for name, matrix in matrices.items():
        found = torch.where((operation == OPERATIONS.index(name))[:, None, None], matrix, found)
    return found


def _toned(operation: Tensor, level: Tensor, sign: Tensor, space: Space) -> Callable[[Tensor], Tensor]:
    """The operations that look at the picture, each applied to the pictures that it was drawn for."""
    tones_of: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
        "autocontrast": lambda some, _: tones.autocontrast(some),
        "equalize": lambda some, _: tones.equalize(some),
        "posterize": lambda some, at: tones.posterize(some, 8 - level[at] * (8 - space.bits)),
        "sharpness": lambda some, at: tones.sharpness(some, 1 + (level * sign)[at] * space.factor),
        "solarize": lambda some, at: tones.solarize(some, 1 - level[at]),
    }

    def toned(pictures: Tensor) -> Tensor:
        for name, tone in tones_of.items():
            at = (operation == OPERATIONS.index(name)).nonzero().squeeze(1)
            if len(at):
                which = at.to(pictures.device)
                pictures = pictures.index_copy(0, which, tone(pictures.index_select(0, which), at))
        return pictures

    return toned
