"""Reading pictures at other points than their own."""

import torch
import torch.nn.functional as F
from torch import Tensor

from luthier.augment.augmentation import Fill

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
    x, y = centre_matrix(width, inputs), centre_matrix(height, inputs)[:, None]
    grid = inputs.new_empty(count, height, width, 2)
    for axis, half in enumerate((width / 2, height / 2)):
        by_x, by_y, fixed = (back[:, axis] / half).unbind(1)
        torch.add(by_x * x, by_y * y + fixed, out=grid[..., axis])  # the only operations on as many values as pixels
    return _sample(inputs, grid, fill)


def centre_matrix(length: int, like: Tensor) -> Tensor:
    """Places of a row of pixels, from the centre of the row (length,).

    >>> centre_matrix(4, torch.zeros(())).tolist()
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
