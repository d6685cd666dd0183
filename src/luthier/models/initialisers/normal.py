"""Normal with a fixed spread."""

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.initialisers.initialiser import Fan, Initialiser


class Normal(Initialiser):
    """Mean 0 and a fixed standard deviation, whatever the fan; the default is that of AlexNet.

    >>> from luthier.core.rng import generator
    >>> round(float(Normal(std=0.1).draw(torch.Size((500, 400)), 400, 500, generator(0, "x")).std()), 3)
    0.1
    """

    name = "normal"
    card = Card(
        summary="Normal with mean 0 and a fixed standard deviation, whatever the fan.",
        source="Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural networks, "
        "2012",
    )

    std: float = hyperparameter(
        0.01, bounds=Range(0, 100), search=Search(0.001, 1, log=True),
        description="standard deviation of a weight; 0 leaves units alike, large ones saturate",
    )  # fmt: skip

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return torch.randn(shape, generator=rng) * self.std
