"""Recurrent classifier: Elman, Finding structure in time, 1990."""

from luthier.core.card import ArchitectureCard
from luthier.models.recurrent import ROWS_OF_MNIST, SUGGESTS, RecurrentArchitecture


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
