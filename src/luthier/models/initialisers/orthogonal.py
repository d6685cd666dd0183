"""Orthogonal matrices, and layers scaled to unit variance (LSUV)."""

import math

import torch
from torch import Tensor, nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.initialisers.initialiser import Fan, Initialiser, initialise_by_layer, scale_


class Orthogonal(Initialiser):
    """Rows of length `gain` that are orthogonal, or columns where a layer has more units than inputs.

    A convolution's kernels count as a matrix with one row per output channel, and each group as one of its own.
    Weights that are no such matrix (vectors, and layers whose units have different fans) are normal with standard
    deviation gain / sqrt(fan-in).

    >>> from luthier.core.rng import generator
    >>> Orthogonal().draw(torch.Size((1, 1)), 1, 1, generator(0, "x")).abs()
    tensor([[1.]])
    """

    name = "orthogonal"
    card = Card(
        summary="Random matrix with orthonormal rows or columns, whichever are fewer.",
        source="Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear "
        "neural networks, 2013, arXiv 1312.6120",
    )

    gain: float = hyperparameter(
        1.0, bounds=Range(0, 100), search=Search(0.5, 2),
        description="length of the rows; 1 keeps lengths in linear networks, 1.41 with rectifiers, 0 leaves units "
        "alike",
    )  # fmt: skip

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        if isinstance(fan_in, Tensor) or len(shape) < 2:
            return torch.randn(shape, generator=rng) * self.gain * torch.as_tensor(fan_in).rsqrt()
        rows = _rows_per_group(shape, float(fan_in) * float(fan_out))
        groups = shape[0] // rows
        normal = torch.randn(groups, rows, shape.numel() // shape[0], generator=rng, dtype=torch.float64)
        return (_orthonormal(normal) * self.gain).float().reshape(shape)


def _rows_per_group(shape: torch.Size, fans: float) -> int:
    """Return the output channels of a group: the product of the fans is its rows times columns times the squared area.

    Fans that belong to no such shape count as one group.
    """
    rows = round(fans / (shape[1] * math.prod(shape[2:]) ** 2))
    return rows if rows and shape[0] % rows == 0 else shape[0]


def _orthonormal(normal: Tensor) -> Tensor:
    """Turn normal matrices (G, M, N) into ones that are orthonormal along the shorter side, all directions alike."""
    tall = normal if normal.shape[1] >= normal.shape[2] else normal.mT
    q, r = torch.linalg.qr(tall)
    q = q * r.diagonal(dim1=1, dim2=2).sign().unsqueeze(1)
    return q if tall is normal else torch.transpose(q, 1, 2)


class LSUV(Initialiser):
    """Orthogonal weights, then each layer after the other is scaled until its outputs have variance 1 on training data.

    The paper repeats the scaling until the variance is near 1; without biases one scaling is exact.

    >>> from luthier.models.initialisers import initialise_
    >>> from luthier.core.rng import generator
    >>> layer, inputs = nn.Linear(7, 5), torch.rand(50, 7, generator=generator(0, "x"))
    >>> initialise_(layer, LSUV(), seed=0)
    >>> LSUV().adapt(layer, inputs, generator(0, "adapt"))
    >>> layer(inputs).detach().var(correction=0).round(decimals=4)
    tensor(1.)
    """

    name = "lsuv"
    card = Card(
        summary="Layer-sequential unit variance: orthogonal, then scaled layer by layer on training data.",
        source="Mishkin and Matas, All you need is a good init, 2016, arXiv 1511.06422",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return Orthogonal().draw(shape, fan_in, fan_out, rng)

    def adapt(self, network: nn.Module, inputs: Tensor, rng: torch.Generator) -> None:
        initialise_by_layer(network, inputs, scale_)
