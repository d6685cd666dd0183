"""Long short-term memory."""

from luthier.core.card import Card
from luthier.models.layers.recurrent import RecurrentLayer


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
