"""The learning rate falls along a power of what is left of the training."""

import math
from collections.abc import Sequence

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.schedules.schedule import Schedule


class Polynomial(Schedule):
    """From 1 at the first step down to `final` after the last: the share of steps left, to a power; 1 is linear.

    >>> [round(Polynomial(power=2.0).factor(step, 4, ()), 6) for step in range(4)]
    [1.0, 0.5625, 0.25, 0.0625]
    """

    name = "polynomial"
    card = Card(
        summary="A power of the share of steps that are left; linear by default.",
        source="Chen, Papandreou, Kokkinos, Murphy and Yuille, DeepLab: semantic image segmentation with deep "
        "convolutional nets, atrous convolution, and fully connected CRFs, 2017, arXiv 1606.00915",
    )

    power: float = hyperparameter(
        1.0,
        bounds=Range(0),
        search=Search(0.5, 3.0),
        description="how the fall is bent: 0 keeps the rate constant, 1 is linear, large falls at once",
    )
    final: float = hyperparameter(
        0.0, bounds=Range(0, 1), description="share of the rate reached after the last step; 1 keeps the rate constant"
    )

    def curve(self, step: int, total: int, scores: Sequence[float]) -> float:
        return self.final + (1 - self.final) * math.pow(1 - step / total, self.power)
