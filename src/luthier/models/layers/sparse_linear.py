"""Sparse connection with random inputs."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.errors import BadInput
from luthier.models.layers.layer import Layer, Shape
from luthier.models.modules import SparseLinear as Module


class SparseLinear(Layer):
    """Connect every unit with as many random values of the last axis as fan_in says; only those weights exist.

    Which ones follows from the recipe's seed and is saved with the network.

    >>> SparseLinear(units=3, fan_in=2).build((7,)).weight.shape
    torch.Size([3, 2])
    """

    name = "sparse-linear"
    card = Card(
        summary="Sparse connection: every unit sees a few random values.",
        source="Mocanu, Mocanu, Stone, Nguyen, Gibescu and Liotta, Scalable training of artificial neural networks "
        "with adaptive sparse connectivity inspired by network science, 2018",
    )

    units: int = hyperparameter(128, bounds=Range(1), search=Search(16, 1024, log=True), description="number of units")
    fan_in: int = hyperparameter(
        8,
        bounds=Range(1),
        search=Search(2, 64, log=True),
        description="values that each unit sees; all of them is linear",
    )

    def build(self, shape: Shape) -> nn.Module:
        if self.fan_in > shape[-1]:
            raise BadInput(
                f"{self.name}.fan_in must be at most the {shape[-1]} values that there are, but got {self.fan_in}; "
                f"set fan_in = {shape[-1]} or less"
            )
        return Module(shape[-1], self.units, self.fan_in)
