"""Zeros."""

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.models.initialisers.initialiser import Fan, Initialiser


class Zeros(Initialiser):
    """Every weight 0: the units of a hidden layer then get equal gradients for ever, and do the work of one unit.

    >>> from luthier.core.rng import generator
    >>> Zeros().draw(torch.Size((1, 3)), 3, 1, generator(0, "x"))
    tensor([[0., 0., 0.]])
    """

    name = "zeros"
    card = Card(
        summary="All weights 0; the units of a hidden layer stay alike for ever, so use it without hidden layers only.",
        source="Rumelhart, Hinton and Williams, Learning internal representations by error propagation, "
        "1986 (on breaking symmetry)",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return torch.zeros(shape)
