"""LeCun's initialisation from the normal distribution."""

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.models.initialisers.initialiser import Fan, Initialiser


class LeCunNormal(Initialiser):
    """Mean 0, variance 1 / fan-in: a unit's sum has the variance of its inputs.

    >>> from luthier.core.rng import generator
    >>> round(float(LeCunNormal().draw(torch.Size((500, 400)), 400, 500, generator(0, "x")).std()), 3)
    0.05
    """

    name = "lecun-normal"
    card = Card(
        summary="Normal with mean 0 and variance 1 / fan-in.",
        source="LeCun, Bottou, Orr and Muller, Efficient BackProp, 1998",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return torch.randn(shape, generator=rng) * torch.as_tensor(fan_in).rsqrt()
