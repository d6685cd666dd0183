"""He initialisation from the uniform distribution, for networks of rectifiers."""

import math
from typing import Literal

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.core.declare import hyperparameter
from luthier.models.initialisers.initialiser import Fan, Initialiser


class HeUniform(Initialiser):
    """Mean 0, variance 2 / fan: rectifiers, which lose half of it, then keep the variance of what passes.

    >>> from luthier.core.rng import generator
    >>> bool((HeUniform().draw(torch.Size((50, 40)), 40, 50, generator(0, "x"))).abs().max() <= (6 / 40) ** 0.5)
    True
    """

    name = "he-uniform"
    card = Card(
        summary="Uniform with mean 0 and variance 2 / fan, for rectifiers.",
        source="He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015, arXiv 1502.01852",
    )

    fan: Literal["in", "out"] = hyperparameter(
        "in",
        description="the fan that counts: in keeps the variance of what passes forward, out of the gradient passing "
        "back",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        fan = torch.as_tensor(fan_in if self.fan == "in" else fan_out)
        return (torch.rand(shape, generator=rng) * 2 - 1) * math.sqrt(6) * fan.rsqrt()
