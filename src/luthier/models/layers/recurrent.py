"""What the recurrent layers share."""

from typing import ClassVar, Literal

from torch import nn

from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.layers.layer import Layer, Shape, sequence
from luthier.models.modules import LastState, Recurrent
from luthier.models.modules.recurrent import Cell


class RecurrentLayer(Layer):
    """Declares recurrent layers over sequences (T, F): the last state (D,), or all of them (T, D)."""

    cell: ClassVar[Cell]

    units: int = hyperparameter(
        128, bounds=Range(1), search=Search(16, 512, log=True), description="units of each layer and direction"
    )
    layers: int = hyperparameter(1, bounds=Range(1), search=Search(1, 3), description="recurrent layers on one another")
    bidirectional: bool = hyperparameter(
        False, description="whether a second stack reads from the end, at twice the cost"
    )
    dropout: float = hyperparameter(
        0.0,
        bounds=Range(0, 1, high_open=True),
        search=Search(0, 0.5),
        description="share dropped between layers; 0 is none",
    )
    output: Literal["last", "sequence"] = hyperparameter(
        "last", description="what follows gets the last state, or those of all steps"
    )

    def build(self, shape: Shape) -> nn.Module:
        _, features = sequence(self.name, shape)
        recurrent = Recurrent(
            self.cell,
            features,
            self.units,
            layers=self.layers,
            bidirectional=self.bidirectional,
            dropout=self.dropout,
        )
        return nn.Sequential(recurrent, LastState(self.bidirectional)) if self.output == "last" else recurrent
