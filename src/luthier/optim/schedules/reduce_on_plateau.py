"""The learning rate falls when the validation score no longer rises."""

import math
from collections.abc import Sequence

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.schedules.schedule import Schedule


class ReduceOnPlateau(Schedule):
    """The rate is multiplied by `drop` whenever the validation score has not risen for some epochs.

    The score is the recipe's deciding metric with the sign that makes larger better. After a drop, waiting begins anew.

    >>> schedule = ReduceOnPlateau(patience=2)
    >>> [schedule.factor(0, 1, scores) for scores in ([0.5], [0.5, 0.4], [0.5, 0.4, 0.5], [0.5, 0.4, 0.6])]
    [1.0, 1.0, 0.1, 1.0]
    """

    name = "reduce-on-plateau"
    card = Card(
        summary="Drops of the rate by one factor when the validation score stops rising.",
        source="Simonyan and Zisserman, Very deep convolutional networks for large-scale image recognition, 2015, "
        "arXiv 1409.1556, section 3.1",
    )
    needs_validation = True

    drop: float = hyperparameter(
        0.1,
        bounds=Range(0, 1, low_open=True),
        search=Search(0.1, 0.7),
        description="what a drop leaves of the rate; near 0 ends learning there, 1 has no drops",
    )
    patience: int = hyperparameter(
        3,
        bounds=Range(1),
        search=Search(1, 10),
        description="epochs without a rise that are waited for; 1 drops at the first",
    )
    least: float = hyperparameter(0.0, bounds=Range(0), description="smallest rise that counts; 0 counts every rise")

    def curve(self, step: int, total: int, scores: Sequence[float]) -> float:
        best, waited, drops = -math.inf, 0, 0
        for score in scores:
            rise = score - best
            if rise > 0 and rise >= self.least:
                best, waited = score, 0
                continue
            waited += 1
            if waited == self.patience:
                waited, drops = 0, drops + 1
        return self.drop**drops
