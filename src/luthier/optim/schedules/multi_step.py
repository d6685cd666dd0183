"""The learning rate falls at given places."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.schedules.schedule import Schedule

SHARE = Range(0, 1, low_open=True, high_open=True)
Place = Annotated[float, Field(**SHARE.limits()), SHARE]


class MultiStep(Schedule):
    """The rate is multiplied by `drop` at each of the places.

    >>> [round(MultiStep().factor(step, 8, ()), 6) for step in range(8)]
    [1.0, 1.0, 1.0, 1.0, 0.1, 0.1, 0.01, 0.01]
    """

    name = "multi-step"
    card = Card(
        summary="Drops of the rate by one factor at given places.",
        source="He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2016, arXiv 1512.03385, section "
        "4.2: after 32,000 and 48,000 of 64,000 steps",
    )

    places: tuple[Place, ...] = hyperparameter(
        (0.5, 0.75),
        description="where the rate drops, in shares of the training above 0 and below 1; an empty list has no drops",
    )
    drop: float = hyperparameter(
        0.1,
        bounds=Range(0, 1, low_open=True),
        search=Search(0.1, 0.7),
        description="what a drop leaves of the rate; near 0 ends learning there, 1 has no drops",
    )

    def curve(self, step: int, total: int, scores: Sequence[float]) -> float:
        return self.drop ** sum(step >= max(1, round(place * total)) for place in self.places)
