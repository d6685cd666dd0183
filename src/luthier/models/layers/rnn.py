"""Simple recurrent layer."""

from luthier.core.card import Card
from luthier.models.layers.recurrent import RecurrentLayer


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
