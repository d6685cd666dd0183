"""The learning rate rises once and falls once."""

import math
from collections.abc import Sequence

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.schedules.schedule import Schedule


class OneCycle(Schedule):
    """A linear rise from `start` to 1 during the first `rise` of the steps, then half a cosine down to zero.

    >>> [round(OneCycle(rise=0.5, start=0.2).factor(step, 10, ()), 3) for step in (0, 5, 9)]
    [0.2, 1.0, 0.095]
    """

    name = "one-cycle"
    card = Card(
        summary="One linear rise, then half a cosine down to zero.",
        source="Smith and Topin, Super-convergence: very fast training of neural networks using large learning rates, "
        "2018, arXiv 1708.07120",
    )

    rise: float = hyperparameter(
        0.25,
        bounds=Range(0, 1, high_open=True),
        search=Search(0.05, 0.5),
        description="share of the steps spent rising; 0 starts at the full rate",
    )
    start: float = hyperparameter(
        0.05, bounds=Range(0, 1), description="share of the full rate at the first step; 1 does not rise"
    )

    def curve(self, step: int, total: int, scores: Sequence[float]) -> float:
        top = self.rise * total
        if step < top:
            return self.start + (1 - self.start) * step / top
        return (1 + math.cos(math.pi * (step - top) / (total - top))) / 2
