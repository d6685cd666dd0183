"""The learning rate stays."""

from collections.abc import Sequence

from luthier.core.card import Card
from luthier.optim.schedules.schedule import Schedule


class Constant(Schedule):
    """Factor 1 at every step.

    >>> Constant().factor(3, 10, ())
    1.0
    """

    name = "constant"
    card = Card(
        summary="The same learning rate throughout.",
        source="Robbins and Monro, A stochastic approximation method, 1951, from which it departs by not decreasing",
    )

    def curve(self, step: int, total: int, scores: Sequence[float]) -> float:
        return 1.0
