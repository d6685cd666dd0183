"""Applies all augmentations of a recipe with one resampling and one colour product."""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce

import torch
import torch.nn.functional as F
from torch import Tensor

from luthier.core.rng import generator
from luthier.data.augment.augmentation import Affine, Augmentation, Colour, Draw, Fill, Pixel

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
    """Apply drawn changes to pictures (B, C, H, W)."""
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
    """Multiply the moves that fill alike into one matrix; mostly one for all."""
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


PADDING = {"zeros": "zeros", "edge": "border", "reflect": "reflection"}


def resample(inputs: Tensor, moves: Tensor, fill: Fill) -> Tensor:
    """Move pictures (B, C, H, W) by matrices (B, 3, 3) on the CPU; those with the identity keep every bit.

    >>> flip = torch.diag(torch.tensor([-1.0, 1, 1]))[None]
    >>> resample(torch.arange(4.0).view(1, 1, 1, 4), flip, "zeros").flatten().round().tolist()
    [3.0, 2.0, 1.0, 0.0]
    """
    changed = (moves != torch.eye(3)).flatten(1).any(1).nonzero().squeeze(1)
    if len(changed) == len(moves):
        return _apply_moves(inputs, moves, fill)
    if not len(changed):
        return inputs
    which = changed.to(inputs.device)
    return inputs.index_copy(0, which, _apply_moves(inputs.index_select(0, which), moves[changed], fill))


def _apply_moves(inputs: Tensor, moves: Tensor, fill: Fill) -> Tensor:
    """Read each output point where the inverse move takes it."""
    (count, _, height, width), back = inputs.shape, torch.linalg.inv(moves).to(inputs)[..., None, None]
    x, y = centre_coordinates(width, inputs), centre_coordinates(height, inputs)[:, None]
    grid = inputs.new_empty(count, height, width, 2)
    for axis, half in enumerate((width / 2, height / 2)):
        by_x, by_y, fixed = (back[:, axis] / half).unbind(1)
        torch.add(by_x * x, by_y * y + fixed, out=grid[..., axis])  # the only operations on as many values as pixels
    return _sample(inputs, grid, fill)


def centre_coordinates(length: int, like: Tensor) -> Tensor:
    """Return the coordinates of a row of pixels, measured from the centre of the row (length,).

    >>> centre_coordinates(4, torch.zeros(())).tolist()
    [-1.5, -0.5, 0.5, 1.5]
    """
    return torch.arange(length, dtype=like.dtype, device=like.device) - (length - 1) / 2


def read_at(inputs: Tensor, x: Tensor, y: Tensor, fill: Fill) -> Tensor:
    """Read pictures (B, C, H, W) at points x, y (B, H, W), in pixels from the centre, bilinearly."""
    height, width = inputs.shape[2:]
    return _sample(inputs, torch.stack((x * (2 / width), y * (2 / height)), -1), fill)


def _sample(inputs: Tensor, grid: Tensor, fill: Fill) -> Tensor:
    """Read at a grid (B, H, W, 2) on which the picture reaches from -1 to 1."""
    return F.grid_sample(inputs, grid, mode="bilinear", padding_mode=PADDING[fill], align_corners=False)


def apply_several(inputs: Tensor, augmentations: Sequence[Augmentation], draws: int, seed: int, stream: str) -> Tensor:
    """Change pictures (B, C, H, W) in [0, 1] by each of several draws: (B, draws, C, H, W).

    draws: at least 1. stream: name under which the draws are made; training draws under others.

    >>> apply_several(torch.zeros(2, 1, 5, 7), (), 3, 0, "example").shape
    torch.Size([2, 3, 1, 5, 7])
    """
    composer = Composer(tuple(augmentations))
    changed = [
        composer(inputs, lambda name, draw=draw: generator(seed, f"{stream}/{name}", draw))  # type: ignore[misc]  # a default is how a loop's value is kept
        for draw in range(draws)
    ]
    return torch.stack(changed, 1)
