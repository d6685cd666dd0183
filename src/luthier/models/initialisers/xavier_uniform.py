"""Glorot's initialisation from the uniform distribution."""

import math

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.models.initialisers.initialiser import Fan, Initialiser


class XavierUniform(Initialiser):
    """Mean 0, variance 2 / (fan-in + fan-out): a compromise between what passes forward and what passes back.

    >>> from luthier.core.rng import generator
    >>> bool((XavierUniform().draw(torch.Size((50, 40)), 40, 50, generator(0, "x"))).abs().max() <= (6 / 90) ** 0.5)
    True
    """

    name = "xavier-uniform"
    card = Card(
        summary="Uniform with mean 0 and variance 2 / (fan-in + fan-out).",
        source="Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        both = torch.as_tensor(fan_in) + torch.as_tensor(fan_out)
        return (torch.rand(shape, generator=rng) * 2 - 1) * math.sqrt(6) * both.rsqrt()
