"""Applies all augmentations of a recipe with one resample and one colour product."""

from collections.abc import Callable
from functools import reduce

import torch
import torch.nn.functional as F
from torch import Tensor

from luthier.augment.augmentation import Affine, Augmentation, Colour, Draw, Pixel

Streams = Callable[[str], torch.Generator]


class Composer:
    """Geometry first, multiplied into one matrix; colours second, likewise; pixel operations last, in order.

    augmentations: in the order of their effect. With none, inputs pass untouched.
    """

    def __init__(self, augmentations: tuple[Augmentation, ...]) -> None:
        self.augmentations = augmentations

    def __call__(self, inputs: Tensor, streams: Streams) -> Tensor:
        """Change pictures (B, C, H, W) in [0, 1]; streams gives each augmentation its own generator by name."""
        size = tuple(inputs.shape)
        draws = [one.draw(size, streams(one.name)) for one in self.augmentations]  # type: ignore[arg-type]  # pictures have four sides
        return apply(inputs, draws)


def apply(inputs: Tensor, draws: list[Draw]) -> Tensor:
    """Apply what was drawn to pictures (B, C, H, W)."""
    moves = [draw.matrix for draw in draws if isinstance(draw, Affine)]
    colours = [draw.matrix for draw in draws if isinstance(draw, Colour)]
    if moves:
        inputs = _resample(inputs, _product(moves, inputs))
    if colours:
        inputs = _recolour(inputs, _product(colours, inputs))
    for draw in draws:
        if isinstance(draw, Pixel):
            inputs = draw.apply(inputs)
    return inputs


def _product(matrices: list[Tensor], like: Tensor) -> Tensor:
    return reduce(lambda before, after: after @ before, matrices).to(like)


def _resample(inputs: Tensor, moves: Tensor) -> Tensor:
    """Read each output point where the inverse move takes it, bilinearly, zeros outside."""
    height, width = inputs.shape[2:]
    to_pixels = torch.diag(inputs.new_tensor([width / 2, height / 2, 1.0]))
    theta = torch.linalg.solve(moves @ to_pixels, to_pixels.expand_as(moves))[:, :2]
    grid = F.affine_grid(theta, list(inputs.shape), align_corners=False)
    return F.grid_sample(inputs, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def _recolour(inputs: Tensor, matrix: Tensor) -> Tensor:
    mixed = torch.einsum("bij,bjhw->bihw", matrix[:, :-1, :-1], inputs)
    return (mixed + matrix[:, :-1, -1, None, None]).clamp(0, 1)
