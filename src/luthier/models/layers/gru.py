"""Gated recurrent unit."""

from luthier.core.card import Card
from luthier.models.layers.recurrent import RecurrentLayer


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
