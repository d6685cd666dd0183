"""The Gaussian blur as a matrix product along each side."""

import torch
from torch import Tensor

SHARP = 1e-3
"""A width in pixels below which no neighbour counts in 32 bits; it stands in for 0, which cannot be divided by."""


def weights(length: int, sigma: Tensor) -> Tensor:
    """Weight of each pixel of a row in each blurred one (B, length, length), for widths in pixels (B,).

    What would fall on pixels outside goes to those inside: every row sums to 1, so that an even picture stays even.

    >>> weights(3, torch.tensor([0.0]))[0].tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    place = torch.arange(length, dtype=sigma.dtype)
    apart = (place - place[:, None]) / sigma.clamp(min=SHARP)[:, None, None]
    found = torch.exp(apart.square() / -2)
    return found / found.sum(-1, keepdim=True)


def blur(pictures: Tensor, sigma: Tensor) -> Tensor:
    """Blur pictures (B, C, H, W) by widths in pixels, one per picture or one for all (B,)."""
    height, width = pictures.shape[2:]
    down, across = (weights(length, sigma)[:, None].to(pictures) for length in (height, width))
    return down @ pictures @ across.mT
