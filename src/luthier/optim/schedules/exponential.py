"""The learning rate falls by the same factor at every step."""

import math
from collections.abc import Sequence

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.schedules.schedule import Schedule


class Exponential(Schedule):
    """From 1 at the first step down to `final` after the last, by equal factors.

    >>> [round(Exponential(final=0.0625).factor(step, 4, ()), 6) for step in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """

    name = "exponential"
    card = Card(
        summary="A fall by the same factor at every step.",
        source="Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, Rethinking the Inception architecture for computer "
        "vision, 2016, arXiv 1512.00567, section 8",
    )

    final: float = hyperparameter(
        0.01,
        bounds=Range(0, 1, low_open=True),
        search=Search(1e-4, 1e-1, log=True),
        description="share of the rate reached after the last step; near 0 ends early, 1 keeps the rate constant",
    )

    def curve(self, step: int, total: int, scores: Sequence[float]) -> float:
        return math.pow(self.final, step / total)
