"""Random numbers, one per example, from a given generator."""

import torch
from torch import Tensor


def uniform(count: int, low: float, high: float, rng: torch.Generator) -> Tensor:
    """Draw numbers between low and high, all alike (B,)."""
    return torch.rand(count, generator=rng) * (high - low) + low


def whole(count: int, most: int, rng: torch.Generator) -> Tensor:
    """Draw whole numbers from -most to most, as floats (B,)."""
    return torch.randint(-most, most + 1, (count,), generator=rng).float()


def chance(count: int, probability: float, rng: torch.Generator) -> Tensor:
    """Draw true with a probability, 0 never and 1 always (B,)."""
    return torch.rand(count, generator=rng) < probability
