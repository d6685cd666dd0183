"""LeCun's initialisation from the uniform distribution."""

import math

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.models.initialisers.initialiser import Fan, Initialiser


class LeCunUniform(Initialiser):
    """Mean 0, variance 1 / fan-in: a unit's sum has the variance of its inputs.

    >>> from luthier.core.rng import generator
    >>> bool((LeCunUniform().draw(torch.Size((50, 40)), 40, 50, generator(0, "x"))).abs().max() <= (3 / 40) ** 0.5)
    True
    """

    name = "lecun-uniform"
    card = Card(
        summary="Uniform with mean 0 and variance 1 / fan-in.",
        source="LeCun, Bottou, Orr and Muller, Efficient BackProp, 1998",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return (torch.rand(shape, generator=rng) * 2 - 1) * math.sqrt(3) * torch.as_tensor(fan_in).rsqrt()
