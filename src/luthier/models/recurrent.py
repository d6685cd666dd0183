"""Recurrent classifiers: a stack of cells over the steps of a sequence, its last state, an output."""

from collections import OrderedDict
from typing import ClassVar

from torch import Tensor, nn

from luthier.core.batch import Inputs, Text
from luthier.core.card import ArchitectureCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.errors import BadInput
from luthier.models.architecture import Architecture, Shape
from luthier.models.modules import LastState, Recurrent, WordsAndColumns, to_sequences
from luthier.models.modules.recurrent import Cell


class SequenceArchitecture(Architecture):
    """Declares a network that takes what `to_sequences` takes; `build` makes it for examples (T, F)."""

    embedding: int = hyperparameter(
        64,
        bounds=Range(1),
        search=Search(16, 256, log=True),
        description="numbers that stand for a word of a text; data without a text have no use for it",
    )

    def body(self, shape: Shape, outputs: int, text: Text | None = None) -> nn.Module:
        if text is None:
            return self.build(shape, outputs)
        words = WordsAndColumns(text.tokens, self.embedding)
        network = self.build((shape[0] - text.columns, self.embedding + text.columns), outputs)
        return nn.Sequential(OrderedDict(words=words, network=network))


ROWS_OF_MNIST = 28


SUGGESTS = {"optimizer": {"name": "adamw", "learning_rate": 0.003}}


class RecurrentArchitecture(SequenceArchitecture):
    """Declares a recurrent classifier of pictures, row by row from the top, or of sequences (T, F)."""

    cell: ClassVar[Cell]

    depth: int = hyperparameter(1, bounds=Range(1), search=Search(1, 3), description="recurrent layers on one another")
    width: int = hyperparameter(
        128, bounds=Range(1), search=Search(16, 512, log=True), description="units of each layer and direction"
    )
    bidirectional: bool = hyperparameter(
        False, description="whether a second stack reads from the end, at twice the cost"
    )
    dropout: float = hyperparameter(
        0.0,
        bounds=Range(0, 1, high_open=True),
        search=Search(0, 0.5),
        description="share of values dropped between layers and before the output; 0 is none",
    )

    def build(self, shape: Shape, outputs: int) -> nn.Module:
        features = check_steps(self.name, shape)[1]
        recurrent = Recurrent(
            self.cell,
            features,
            self.width,
            layers=self.depth,
            bidirectional=self.bidirectional,
            dropout=self.dropout,
        )
        directions = 2 if self.bidirectional else 1
        output = nn.Linear(directions * self.width, outputs)
        return RecurrentClassifier(recurrent, LastState(self.bidirectional), nn.Dropout(self.dropout), output)


class RecurrentClassifier(nn.Module):
    """Logits from the last valid state of both directions; takes what `to_sequences` takes."""

    def __init__(self, recurrent: Recurrent, last: LastState, dropout: nn.Dropout, output: nn.Linear) -> None:
        super().__init__()
        self.recurrent = recurrent
        self.last = last
        self.dropout = dropout
        self.output = output

    def forward(self, x: Inputs) -> Tensor:
        sequence, lengths = to_sequences(x)
        states = self.recurrent(sequence, lengths)
        logits: Tensor = self.output(self.dropout(self.last(states, lengths)))
        return logits


def check_steps(name: str, shape: Shape) -> Shape:
    """Return the steps and features (T, F) of an example; raise BadInput where it is no sequence and no picture."""
    if len(shape) == 3:
        return shape[1], shape[0] * shape[2]
    if len(shape) == 2:
        return shape
    raise BadInput(f"{name} needs pictures or sequences, but an example has shape {shape}; use --model mlp for rows")


class GRU(RecurrentArchitecture):
    """Reads a sequence step by step; two gates in place of the LSTM's three, at three quarters of its cost.

    >>> sum(p.numel() for p in GRU(width=5).build((7, 3), 2).parameters())
    162
    """

    name = "gru"
    card = ArchitectureCard(
        summary="Recurrent classifier with gated recurrent units.",
        source="Cho et al., Learning phrase representations using RNN encoder-decoder, 2014, arXiv 1406.1078",
        native_size=ROWS_OF_MNIST,
        suggests=SUGGESTS,
    )
    cell = "gru"


class LSTM(RecurrentArchitecture):
    """Reads a sequence step by step; gates decide what each cell takes in, keeps and shows.

    >>> sum(p.numel() for p in LSTM(width=5).build((7, 3), 2).parameters())
    212
    """

    name = "lstm"
    card = ArchitectureCard(
        summary="Recurrent classifier with long short-term memory.",
        source="Hochreiter and Schmidhuber, Long short-term memory, 1997",
        native_size=ROWS_OF_MNIST,
        suggests=SUGGESTS,
    )
    cell = "lstm"


class RNN(RecurrentArchitecture):
    """Reads a sequence step by step with one tanh layer per depth; short memory, the cheapest of the three.

    >>> sum(p.numel() for p in RNN(width=5).build((7, 3), 2).parameters())
    62
    """

    name = "rnn"
    card = ArchitectureCard(
        summary="Recurrent classifier with tanh units.",
        source="Elman, Finding structure in time, 1990",
        native_size=ROWS_OF_MNIST,
        suggests=SUGGESTS,
    )
    cell = "rnn"
