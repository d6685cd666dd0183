"""He initialisation from the normal distribution, for networks of rectifiers."""

import math

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.models.initialisers.initialiser import Fan, Initialiser


class HeNormal(Initialiser):
    """Mean 0, variance 2 / fan-in: rectifiers then keep the variance of what passes forward."""

    name = "he-normal"
    card = Card(
        summary="Normal with mean 0 and variance 2 / fan-in, for rectifiers.",
        source="He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015, arXiv 1502.01852",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return torch.randn(shape, generator=rng) * math.sqrt(2) * torch.as_tensor(fan_in).rsqrt()
