"""Applies all augmentations of a recipe with one resample and one colour product."""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce

import torch
from torch import Tensor

from luthier.augment.augmentation import Affine, Augmentation, Colour, Draw, Fill, Pixel
from luthier.augment.resample import resample

Streams = Callable[[str], torch.Generator]


class Composer:
    """Geometry first, multiplied into one matrix; colours second, likewise; pixel operations last, in order.

    augmentations: in the order of their effect; those that are off are left out. With none, inputs pass untouched.
    """

    def __init__(self, augmentations: tuple[Augmentation, ...]) -> None:
        self.augmentations = tuple(one for one in augmentations if not one.off)

    def __call__(self, inputs: Tensor, streams: Streams) -> Tensor:
        """Change pictures (B, C, H, W) in [0, 1]; streams gives each augmentation its own generator by name."""
        size = tuple(inputs.shape)
        draws = [one.draw(size, streams(one.name)) for one in self.augmentations]  # type: ignore[arg-type]  # pictures have four sides
        return apply(inputs, draws)


def apply(inputs: Tensor, draws: Sequence[Draw]) -> Tensor:
    """Apply what was drawn to pictures (B, C, H, W)."""
    for matrix, fill in _join([draw for draw in draws if isinstance(draw, Affine)]):
        inputs = resample(inputs, matrix, fill)
    colours = [draw.matrix for draw in draws if isinstance(draw, Colour)]
    if colours:
        inputs = _recolour(inputs, _product(colours).to(inputs))
    for draw in draws:
        if isinstance(draw, Pixel):
            inputs = draw.apply(inputs)
    return inputs


def _join(moves: Sequence[Affine]) -> Iterator[tuple[Tensor, Fill]]:
    """One product for each row of moves that fill alike: mostly one for all."""
    row: list[Affine] = []
    for move in moves:
        fills = {one.fill for one in (*row, move)} - {None}
        if len(fills) > 1:
            yield _row(row)
            row = []
        row.append(move)
    if row:
        yield _row(row)


def _row(moves: Sequence[Affine]) -> tuple[Tensor, Fill]:
    fill: Fill = next((one.fill for one in moves if one.fill is not None), "zeros")
    return _product([one.matrix for one in moves]), fill


def _product(matrices: Sequence[Tensor]) -> Tensor:
    return reduce(lambda before, after: after @ before, matrices)


def _recolour(inputs: Tensor, matrix: Tensor) -> Tensor:
    mixed = torch.einsum("bij,bjhw->bihw", matrix[:, :-1, :-1], inputs)
    return mixed.add_(matrix[:, :-1, -1, None, None]).clamp_(0, 1)
