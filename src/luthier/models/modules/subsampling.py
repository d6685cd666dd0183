"""Subsampling with a trainable coefficient and bias per map."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class TrainableSubsampling(nn.Module):
    """Add each block of 2x2 values, multiply by the map's coefficient, add the map's bias.

    Takes (B, C, H, W) to (B, C, H/2, W/2).
    Source: LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998.

    >>> TrainableSubsampling(3)(torch.ones(2, 3, 4, 6)).shape
    torch.Size([2, 3, 2, 3])
    """

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(maps))
        self.bias = nn.Parameter(torch.zeros(maps))

    def forward(self, x: Tensor) -> Tensor:
        sums = F.avg_pool2d(x, 2, divisor_override=1)
        return sums * self.weight.view(-1, 1, 1) + self.bias.view(-1, 1, 1)

    def fans(self) -> dict[str, tuple[float, float]]:
        """Connections into and out of the unit of each parameter: four values feed one."""
        return {"weight": (4.0, 1.0), "bias": (4.0, 1.0)}
