"""Full connection."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.layers.layer import Layer, Shape


class Linear(Layer):
    """Connect every unit with every value of the last axis: of a row (F,), or of each step of a sequence (T, F).

    Each row of pixels of a picture is taken by itself; with flatten before, every unit sees every pixel.

    >>> Linear(units=3).build((4,))
    Linear(in_features=4, out_features=3, bias=True)
    """

    name = "linear"
    card = Card(
        summary="Full connection: every unit sees every value.",
        source="Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, 1986",
    )

    units: int = hyperparameter(128, bounds=Range(1), search=Search(16, 1024, log=True), description="number of units")

    def build(self, shape: Shape) -> nn.Module:
        return nn.Linear(shape[-1], self.units)
