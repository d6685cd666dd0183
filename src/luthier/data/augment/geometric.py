"""What geometric augmentations share: their contract, their matrices, and how strengths are drawn."""

import torch
from torch import Tensor

from luthier.core.declare import hyperparameter
from luthier.data.augment.augmentation import Affine, Augmentation, Draw, Fill, Size


class Geometric(Augmentation):
    """Moves each picture's points; all moves of a recipe that fill alike are one resample, bilinear."""

    fill: Fill = hyperparameter(
        "zeros",
        description="what comes in from outside: black (zeros), the nearest pixel (edge) or the picture reflected "
        "(reflect)",
    )

    def draw(self, size: Size, rng: torch.Generator) -> Draw:
        return Affine(self.matrices(size, rng), self.fill)

    def matrices(self, size: Size, rng: torch.Generator) -> Tensor:
        """Draw the moves (B, 3, 3)."""
        raise NotImplementedError


def linear_matrix(xx: Tensor, xy: Tensor, yx: Tensor, yy: Tensor) -> Tensor:
    """Send (x, y) to (xx x + xy y, yx x + yy y); each number is given per example (B,)."""
    zero = torch.zeros_like(xx)
    rows = (xx, xy, zero, yx, yy, zero, zero, zero, zero + 1)
    return torch.stack(rows, -1).view(-1, 3, 3)


def rotation_matrix(radians: Tensor) -> Tensor:
    """Turn clockwise about the centre by angles (B,)."""
    cosine, sine = radians.cos(), radians.sin()
    return linear_matrix(cosine, -sine, sine, cosine)


def scale_matrix(across: Tensor, down: Tensor) -> Tensor:
    """Stretch both sides by factors (B,); -1 is a flip."""
    zero = torch.zeros_like(across)
    return linear_matrix(across, zero, zero, down)


def shear_matrix(across: Tensor, down: Tensor) -> Tensor:
    """Slide rows across, then columns down, by so many pixels (B,) per pixel from the centre."""
    one, zero = torch.ones_like(across), torch.zeros_like(across)
    return linear_matrix(one, zero, down, one) @ linear_matrix(one, across, zero, one)


def shift_matrix(right: Tensor, down: Tensor) -> Tensor:
    """Shift by pixels (B,).

    >>> shift_matrix(torch.tensor([3.0]), torch.tensor([-1.0]))[0, :2].tolist()
    [[1.0, 0.0, 3.0], [0.0, 1.0, -1.0]]
    """
    matrix = torch.eye(3).repeat(len(right), 1, 1)
    matrix[:, 0, 2], matrix[:, 1, 2] = right, down
    return matrix


def draw_uniform(count: int, low: float, high: float, rng: torch.Generator) -> Tensor:
    """Draw numbers between low and high, all alike (B,)."""
    return torch.rand(count, generator=rng) * (high - low) + low


def draw_whole(count: int, most: int, rng: torch.Generator) -> Tensor:
    """Draw whole numbers from -most to most, as floats (B,)."""
    return torch.randint(-most, most + 1, (count,), generator=rng).float()


def draw_chance(count: int, probability: float, rng: torch.Generator) -> Tensor:
    """Draw true with a probability, 0 never and 1 always (B,)."""
    return torch.rand(count, generator=rng) < probability
