"""Recurrent classifier with gated units: Cho et al., Learning phrase representations, 2014, arXiv 1406.1078."""

from luthier.core.card import ArchitectureCard
from luthier.models.recurrent import ROWS_OF_MNIST, SUGGESTS, RecurrentArchitecture


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
