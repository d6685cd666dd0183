"""Draws with repetition that keep to their shares as closely as whole examples can."""

import torch
from torch import Tensor


def by_share(shares: Tensor, count: int, rng: torch.Generator) -> Tensor:
    """Draw positions in proportion to shares, each as often as its due rounded up or down, in random order (count,).

    shares: at least 0, not all 0 (M,). count: how many.
    Source: Kitagawa, Monte Carlo filter and smoother for non-Gaussian nonlinear state space models, 1996.

    >>> by_share(torch.tensor([1.0, 0.0, 3.0]), 8, torch.Generator().manual_seed(0)).bincount().tolist()
    [2, 0, 6]
    """
    mixed = torch.randperm(len(shares), generator=rng)  # else neighbours would share their luck
    ends = shares.double()[mixed].cumsum(0)
    places = (torch.arange(count) + torch.rand(1, generator=rng, dtype=torch.float64)) / count * ends[-1]
    chosen = torch.searchsorted(ends, places, right=True).clamp(max=len(shares) - 1)
    return mixed[chosen][torch.randperm(count, generator=rng)]


def in_turns(positions: Tensor, count: int, rng: torch.Generator) -> Tensor:
    """Go through positions in one random order after another until there are so many (count,).

    >>> in_turns(torch.tensor([3, 5]), 4, torch.Generator()).bincount().tolist()
    [0, 0, 0, 2, 0, 2]
    """
    rounds = -(-count // len(positions))
    return torch.cat([positions[torch.randperm(len(positions), generator=rng)] for _ in range(rounds)])[:count]


def of_classes(label: Tensor, power: float, rng: torch.Generator) -> Tensor:
    """Draw as many positions as there are labels, each class in proportion to a power of its size, in random order.

    power: 1 draws classes as they come, 0 all alike. The examples of a class come in turns.
    """
    kinds, sizes = label.unique(return_counts=True)
    drawn = by_share(sizes.double() ** power, len(label), rng).bincount(minlength=len(kinds))
    members = [torch.nonzero(label == kind).flatten() for kind in kinds]
    parts = [in_turns(one, count, rng) for one, count in zip(members, drawn.tolist(), strict=True) if count]
    return torch.cat(parts)[torch.randperm(len(label), generator=rng)]
