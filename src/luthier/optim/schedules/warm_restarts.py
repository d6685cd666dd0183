"""The learning rate follows half a cosine again and again."""

import math
from collections.abc import Sequence
from itertools import accumulate

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.schedules.schedule import Schedule


class WarmRestarts(Schedule):
    """Cycles of half a cosine from 1 to `final`, each `growth` times as long as the one before; they fill the training.

    >>> [round(WarmRestarts(cycles=2, growth=2.0).factor(step, 6, ()), 3) for step in range(6)]
    [1.0, 0.5, 1.0, 0.854, 0.5, 0.146]
    """

    name = "warm-restarts"
    card = Card(
        summary="Half cosines, each starting again at the full rate.",
        source="Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2017, arXiv 1608.03983",
    )

    cycles: int = hyperparameter(
        3, bounds=Range(1, 100), search=Search(1, 6), description="cycles in the training; 1 is the cosine schedule"
    )
    growth: float = hyperparameter(
        2.0,
        bounds=Range(1, 10),
        search=Search(1.0, 3.0),
        description="length of a cycle in lengths of the one before; 1 makes all equally long",
    )
    final: float = hyperparameter(
        0.0,
        bounds=Range(0, 1),
        description="share of the rate reached at the end of each cycle; 1 keeps the rate constant",
    )

    def curve(self, step: int, total: int, scores: Sequence[float]) -> float:
        begin, end = self._cycle(step, total)
        return self.final + (1 - self.final) * (1 + math.cos(math.pi * (step - begin) / (end - begin))) / 2

    def _cycle(self, step: int, total: int) -> tuple[int, int]:
        """First step of the cycle that a step is in, and that of the next one."""
        lengths = list(accumulate(self.growth**number for number in range(self.cycles)))
        edges = [0, *(round(total * length / lengths[-1]) for length in lengths)]
        return max(edge for edge in edges if edge <= step), min(edge for edge in edges if edge > step)
