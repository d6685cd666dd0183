"""Matrices of plane moves (B, 3, 3) on (x, y, 1), in pixels from the centre of the picture, y downwards."""

import torch
from torch import Tensor


def linear(xx: Tensor, xy: Tensor, yx: Tensor, yy: Tensor) -> Tensor:
    """Send (x, y) to (xx x + xy y, yx x + yy y); each number is given per example (B,)."""
    zero = torch.zeros_like(xx)
    rows = (xx, xy, zero, yx, yy, zero, zero, zero, zero + 1)
    return torch.stack(rows, -1).view(-1, 3, 3)


def rotation(radians: Tensor) -> Tensor:
    """Turn clockwise about the centre by angles (B,)."""
    cosine, sine = radians.cos(), radians.sin()
    return linear(cosine, -sine, sine, cosine)


def scaling(across: Tensor, down: Tensor) -> Tensor:
    """Stretch both sides by factors (B,); -1 is a flip."""
    zero = torch.zeros_like(across)
    return linear(across, zero, zero, down)


def shearing(across: Tensor, down: Tensor) -> Tensor:
    """Slide rows across, then columns down, by so many pixels (B,) per pixel from the centre."""
    one, zero = torch.ones_like(across), torch.zeros_like(across)
    return linear(one, zero, down, one) @ linear(one, across, zero, one)


def shifting(right: Tensor, down: Tensor) -> Tensor:
    """Shift by pixels (B,).

    >>> shifting(torch.tensor([3.0]), torch.tensor([-1.0]))[0, :2].tolist()
    [[1.0, 0.0, 3.0], [0.0, 1.0, -1.0]]
    """
    matrix = torch.eye(3).repeat(len(right), 1, 1)
    matrix[:, 0, 2], matrix[:, 1, 2] = right, down
    return matrix
