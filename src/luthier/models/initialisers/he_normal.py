"""He initialisation from the normal distribution, for networks of rectifiers."""

import math
from typing import Literal

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.core.declare import hyperparameter
from luthier.models.initialisers.initialiser import Fan, Initialiser


class HeNormal(Initialiser):
    """Mean 0, variance 2 / fan: rectifiers, which lose half of it, then keep the variance of what passes.

    >>> from luthier.core.rng import generator
    >>> round(float(HeNormal().draw(torch.Size((500, 400)), 400, 500, generator(0, "x")).std()), 3)
    0.071
    """

    name = "he-normal"
    card = Card(
        summary="Normal with mean 0 and variance 2 / fan, for rectifiers.",
        source="He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015, arXiv 1502.01852",
    )

    fan: Literal["in", "out"] = hyperparameter(
        "in",
        description="the fan that counts: in keeps the variance of what passes forward, out of the gradient passing "
        "back",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        fan = torch.as_tensor(fan_in if self.fan == "in" else fan_out)
        return torch.randn(shape, generator=rng) * math.sqrt(2) * fan.rsqrt()
