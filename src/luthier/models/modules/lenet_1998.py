"""What LeNet-5 of 1998 is made of: tables of connections, subsampling, scaled tanh, radial basis outputs."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from luthier.core.errors import BadInput
from luthier.core.rng import generator

PRIME = 83


class EuclideanRBF(nn.Module):
    """Minus the squared distance of (B, F) to each class's fixed code: logits (B, K). It has no parameters.

    features: F. classes: K. codes (K, F) of +1 and -1: with F = 84, the rows of the Paley-Hadamard matrix of order
    84 (any two differ in exactly half of the places), then the same rows negated, which serves 168 classes;
    further classes, and other F, get rows of coin tosses from a fixed stream, all different. The paper draws its ten
    codes as 7x12 pictures of the characters, which exist for characters only.
    Sources: LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998;
    Paley, On orthogonal matrices, 1933.

    >>> layer = EuclideanRBF(84, 10)
    >>> layer(layer.codes).argmax(1).tolist()
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """

    codes: Tensor

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.register_buffer("codes", make_class_codes(features, classes))

    def forward(self, x: Tensor) -> Tensor:
        squares = x.square().sum(1, keepdim=True) + self.codes.square().sum(1)
        return 2 * x @ self.codes.T - squares


def make_class_codes(features: int, classes: int) -> Tensor:
    """Make one code of +1 and -1 per class (K, F); see EuclideanRBF."""
    if classes > 2**features:
        raise BadInput(
            f"{features} signs make {2**features} different codes, but {classes} classes need one each; "
            "use more features"
        )
    rows = list(_paley()) if features == PRIME + 1 else []
    rows = rows + [-row for row in rows]
    known = {tuple(row.tolist()) for row in rows}
    rng = generator(0, f"rbf-codes/{features}")
    while len(rows) < classes:
        row = torch.randint(2, (features,), generator=rng) * 2.0 - 1
        if tuple(row.tolist()) not in known:
            known.add(tuple(row.tolist()))
            rows.append(row)
    return torch.stack(rows[:classes])


def _paley() -> Tensor:
    """Make the Hadamard matrix of order 84 from the quadratic residues modulo 83 (Paley's first construction)."""
    residues = {k * k % PRIME for k in range(1, PRIME)}
    character = torch.tensor([0.0] + [1.0 if k in residues else -1.0 for k in range(1, PRIME)])
    number = torch.arange(PRIME)
    matrix = torch.ones(PRIME + 1, PRIME + 1)
    matrix[1:, 0] = -1
    matrix[1:, 1:] = character[(number[:, None] - number) % PRIME] + torch.eye(PRIME)
    return matrix


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
        """Return the connections into and out of each parameter's unit: by kernel (P, 1, 1) and by output map (M,)."""
        area = self.weight[0].numel()
        rows, columns = self.places // self.inputs, self.places % self.inputs
        into, uses = area * torch.bincount(rows).float(), area * torch.bincount(columns).float()
        by_kernel = (into[rows].view(-1, 1, 1), uses[columns].view(-1, 1, 1))
        return {"weight": by_kernel, "bias": (into, into)}


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
        """Return the connections into and out of the unit of each parameter: each unit has four inputs."""
        return {"weight": (4.0, 1.0), "bias": (4.0, 1.0)}


class ScaledTanh(nn.Module):
    """1.7159 tanh(2x/3): f(1) = 1 and f(-1) = -1, with the largest curvature there.

    Source: LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998.

    >>> ScaledTanh()(torch.tensor([-1.0, 0.0, 1.0]))
    tensor([-1.0000,  0.0000,  1.0000])
    """

    AMPLITUDE = 1.7159
    SLOPE = 2 / 3

    def forward(self, x: Tensor) -> Tensor:
        return self.AMPLITUDE * torch.tanh(self.SLOPE * x)
