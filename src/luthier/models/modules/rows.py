"""Pictures as sequences."""

from torch import Tensor, nn


class Rows(nn.Module):
    """Read pictures (B, C, H, W) as sequences of their rows from the top (B, H, C W), the channels one after another.

    >>> import torch
    >>> Rows()(torch.zeros(2, 3, 7, 5)).shape
    torch.Size([2, 7, 15])
    """

    def forward(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2).flatten(2)
