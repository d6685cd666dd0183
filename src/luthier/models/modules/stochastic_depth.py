"""Residual branches that are left out at random in training."""

import torch
from torch import Tensor, nn


class StochasticDepth(nn.Module):
    """Set the whole branch of an example to zero with a probability, and divide what stays by the share that stays.

    rate: probability, at least 0 and below 1; 0 changes nothing, and near 1 nearly every example goes by the shortcut.
    Each example draws for itself, from the global generator, which the engine seeds for each step. In evaluation, and
    at rate 0, the values pass untouched and nothing is drawn.
    Source: Huang, Sun, Liu, Sedra and Weinberger, Deep networks with stochastic depth, 2016; there a block is left out
    for the whole batch, and the division is done in evaluation: the same expectation.

    >>> layer = StochasticDepth(0.5)
    >>> sorted(set(layer(torch.ones(99, 3, 2, 2)).flatten().tolist()))
    [0.0, 2.0]
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return x
        stays = 1 - self.rate
        mask = torch.empty(len(x), *[1] * (x.ndim - 1), dtype=x.dtype, device=x.device).bernoulli_(stays)
        return x * (mask / stays)

    def extra_repr(self) -> str:
        return f"rate={self.rate}"
