"""Uniform between fixed limits."""

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.initialisers.initialiser import Fan, Initialiser


class Uniform(Initialiser):
    """Uniform between -limit and +limit, whatever the fan.

    >>> from luthier.core.rng import generator
    >>> bool(Uniform(limit=0.5).draw(torch.Size((50, 40)), 40, 50, generator(0, "x")).abs().max() <= 0.5)
    True
    """

    name = "uniform"
    card = Card(
        summary="Uniform between minus and plus a limit, whatever the fan.",
        source="LeCun, Bottou, Orr and Muller, Efficient BackProp, 1998",
    )

    limit: float = hyperparameter(
        0.05, bounds=Range(0, 100), search=Search(0.001, 1, log=True),
        description="largest size of a weight; 0 leaves units alike, large limits saturate",
    )  # fmt: skip

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return (torch.rand(shape, generator=rng) * 2 - 1) * self.limit
