"""Recurrent layers: plain, LSTM and GRU."""

from typing import ClassVar, Literal

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.layers.layer import Layer, Shape, check_picture, check_sequence
from luthier.models.modules import LastState, Recurrent, Rows
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
        _, features = check_sequence(self.name, shape)
        recurrent = Recurrent(
            self.cell,
            features,
            self.units,
            layers=self.layers,
            bidirectional=self.bidirectional,
            dropout=self.dropout,
        )
        return nn.Sequential(recurrent, LastState(self.bidirectional)) if self.output == "last" else recurrent


class GRU(RecurrentLayer):
    """Two gates per unit in place of the LSTM's three, at three quarters of its cost.

    >>> sum(p.numel() for p in GRU(units=5).build((7, 3)).parameters())
    150
    """

    name = "gru"
    card = Card(
        summary="Recurrent layer with gated recurrent units.",
        source="Cho et al., Learning phrase representations using RNN encoder-decoder, 2014, arXiv 1406.1078",
    )
    cell = "gru"


class LSTM(RecurrentLayer):
    """Gates decide at each step what a cell takes in, keeps and shows.

    >>> sum(p.numel() for p in LSTM(units=5).build((7, 3)).parameters())
    200
    """

    name = "lstm"
    card = Card(
        summary="Recurrent layer with long short-term memory.",
        source="Hochreiter and Schmidhuber, Long short-term memory, 1997",
    )
    cell = "lstm"


class RNN(RecurrentLayer):
    """One tanh layer per step that sees the step and its own last state: cheap, and short of memory.

    >>> sum(p.numel() for p in RNN(units=5).build((7, 3)).parameters())
    50
    """

    name = "rnn"
    card = Card(
        summary="Recurrent layer with tanh units.",
        source="Elman, Finding structure in time, 1990",
    )
    cell = "rnn"


class RowsOfPixels(Layer):
    """Read pictures (C, H, W) as sequences of their rows (H, C W), for the recurrent layers.

    >>> RowsOfPixels().build((3, 7, 5))
    Rows()
    """

    name = "rows"
    card = Card(
        summary="A picture as the sequence of its rows of pixels.",
        source="Le, Jaitly and Hinton, A simple way to initialize recurrent networks of rectified linear units, 2015",
    )

    def build(self, shape: Shape) -> nn.Module:
        check_picture(self.name, shape)
        return Rows()
