"""Probabilities from outputs that estimate them directly."""

import torch
from torch import Tensor


def nearest_probabilities(outputs: Tensor) -> Tensor:
    """The probabilities nearest to outputs (B, K) in squared distance: what already is such a row stays as it is.

    A constant is taken from the whole row and what falls below 0 is cut off, so that the rest sums to 1.
    Source: Duchi, Shalev-Shwartz, Singer and Chandra, Efficient projections onto the l1-ball for learning in high
    dimensions, 2008.

    >>> nearest_probabilities(torch.tensor([[0.25, 0.75, 0.0], [2.0, 1.5, -9.0]]))
    tensor([[0.2500, 0.7500, 0.0000],
            [0.7500, 0.2500, 0.0000]])
    """
    falling = outputs - outputs.amax(1, keepdim=True)
    ordered = falling.sort(1, descending=True).values
    counts = torch.arange(1, outputs.shape[1] + 1, device=outputs.device)
    surplus = (ordered.cumsum(1) - 1) / counts
    kept = (ordered > surplus).sum(1, keepdim=True)
    return (falling - surplus.gather(1, kept - 1)).clamp(min=0)
