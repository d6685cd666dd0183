"""Recurrent classifier with long short-term memory: Hochreiter and Schmidhuber, Long short-term memory, 1997."""

from luthier.core.card import ArchitectureCard
from luthier.models.recurrent import ROWS_OF_MNIST, SUGGESTS, RecurrentArchitecture


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
