"""A constant."""

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.initialisers.initialiser import Fan, Initialiser


class Constant(Initialiser):
    """Every weight the same number: the units of a hidden layer then get equal gradients for ever, as from zeros.

    >>> from luthier.core.rng import generator
    >>> Constant(value=0.5).draw(torch.Size((1, 3)), 3, 1, generator(0, "x"))
    tensor([[0.5000, 0.5000, 0.5000]])
    """

    name = "constant"
    card = Card(
        summary="All weights one number; the units of a hidden layer stay alike for ever, as from zeros.",
        source="Rumelhart, Hinton and Williams, Learning internal representations by error propagation, "
        "1986 (on breaking symmetry)",
    )

    value: float = hyperparameter(
        0.05,
        bounds=Range(-100, 100),
        search=Search(-0.1, 0.1),
        description="every weight; 0 is zeros, large numbers saturate",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return torch.full(shape, self.value)
