"""Glorot's initialisation from the normal distribution."""

import math

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.models.initialisers.initialiser import Fan, Initialiser


class XavierNormal(Initialiser):
    """Mean 0, variance 2 / (fan-in + fan-out): a compromise between what passes forward and what passes back.

    >>> from luthier.core.rng import generator
    >>> round(float(XavierNormal().draw(torch.Size((500, 400)), 400, 500, generator(0, "x")).std()), 3)
    0.047
    """

    name = "xavier-normal"
    card = Card(
        summary="Normal with mean 0 and variance 2 / (fan-in + fan-out).",
        source="Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        both = torch.as_tensor(fan_in) + torch.as_tensor(fan_out)
        return torch.randn(shape, generator=rng) * math.sqrt(2) * both.rsqrt()
