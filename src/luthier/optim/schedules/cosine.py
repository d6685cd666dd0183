"""The learning rate follows half a cosine."""

import math
from collections.abc import Sequence

from luthier.core.card import Card
from luthier.core.declare import Range, hyperparameter
from luthier.optim.schedules.schedule import Schedule


class Cosine(Schedule):
    """From 1 at the first step down to `final` after the last, without restarts.

    >>> round(Cosine().factor(5, 10, ()), 6)
    0.5
    """

    name = "cosine"
    card = Card(
        summary="Half a cosine from the full rate down to a final share of it.",
        source="Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2017, arXiv 1608.03983",
    )

    final: float = hyperparameter(
        0.0, bounds=Range(0, 1), description="share of the rate reached after the last step; 1 keeps the rate constant"
    )

    def curve(self, step: int, total: int, scores: Sequence[float]) -> float:
        return self.final + (1 - self.final) * (1 + math.cos(math.pi * step / total)) / 2
