"""Convolution with a connection table: sparse in what it computes with and in what it stores."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

C3_TABLE = (
    *(tuple(sorted((first + k) % 6 for k in range(3))) for first in range(6)),
    *(tuple(sorted((first + k) % 6 for k in range(4))) for first in range(6)),
    (0, 1, 3, 4),
    (1, 2, 4, 5),
    (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)
"""Table I of LeCun, Bottou, Bengio and Haffner, 1998: the maps of S2 that each of the 16 maps of C3
is connected to."""


class TableConv2d(nn.Module):
    """Convolve (B, C, H, W) to (B, len(table), H - k + 1, W - k + 1), each output seeing only the maps its row names.

    table: for each output map the numbers of its input maps, at least one each.
    kernel: side k of the square kernels. Only the kernels of connections exist as parameters.
    Source: LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998 (layer C3).

    >>> layer = TableConv2d([(0, 1), (2,)], 5)
    >>> layer.weight.shape, layer(torch.ones(2, 3, 7, 9)).shape
    (torch.Size([3, 5, 5]), torch.Size([2, 2, 3, 5]))
    """

    places: Tensor

    def __init__(self, table: Sequence[Sequence[int]], kernel: int) -> None:
        super().__init__()
        self.table = tuple(map(tuple, table))
        self.inputs = 1 + max(max(row) for row in self.table)
        pairs = [row * self.inputs + column for row, columns in enumerate(self.table) for column in columns]
        self.register_buffer("places", torch.tensor(pairs), persistent=False)
        self.weight = nn.Parameter(torch.zeros(len(pairs), kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(len(self.table)))

    def forward(self, x: Tensor) -> Tensor:
        kernels = self.weight.flatten(1)
        dense = kernels.new_zeros(len(self.table) * self.inputs, kernels.shape[1]).index_copy(0, self.places, kernels)
        return F.conv2d(x, dense.view(len(self.table), self.inputs, *self.weight.shape[1:]), self.bias)

    def fans(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Connections into and out of the unit of each parameter: by kernel (P, 1, 1) and by output map (M,)."""
        area = self.weight[0].numel()
        rows, columns = self.places // self.inputs, self.places % self.inputs
        into, uses = area * torch.bincount(rows).float(), area * torch.bincount(columns).float()
        by_kernel = (into[rows].view(-1, 1, 1), uses[columns].view(-1, 1, 1))
        return {"weight": by_kernel, "bias": (into, into)}
