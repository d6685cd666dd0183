"""Branches side by side."""

import torch
from torch import Tensor, nn


class Parallel(nn.Sequential):
    """Give x to every branch and lay the maps that they make behind one another: (B, C, H, W) to (B, sum, H, W).

    Source: Szegedy and others, Going deeper with convolutions, 2014 (the inception module).

    >>> Parallel(nn.Identity(), nn.Identity())(torch.ones(2, 3, 5, 7)).shape
    torch.Size([2, 6, 5, 7])
    """

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self], 1)
