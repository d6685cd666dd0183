"""The learning rate falls by the same factor again and again."""

from collections.abc import Sequence

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.schedules.schedule import Schedule


class Step(Schedule):
    """The rate is multiplied by `drop` each time that a share `every` of the training has passed.

    >>> [round(Step(every=0.25).factor(step, 8, ()), 6) for step in range(8)]
    [1.0, 1.0, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001]
    """

    name = "step"
    card = Card(
        summary="Drops of the rate by one factor at equal distances.",
        source="Tan and Le, EfficientNet: rethinking model scaling for convolutional neural networks, 2019, "
        "arXiv 1905.11946, section 5.2: by 0.97 every 2.4 epochs",
    )

    every: float = hyperparameter(
        1 / 3,
        bounds=Range(0, 1, low_open=True),
        search=Search(0.1, 0.5),
        description="share of the training between two drops, at least a step; 1 has no drops",
    )
    drop: float = hyperparameter(
        0.1,
        bounds=Range(0, 1, low_open=True),
        search=Search(0.1, 0.7),
        description="what a drop leaves of the rate; near 0 ends learning there, 1 has no drops",
    )

    def curve(self, step: int, total: int, scores: Sequence[float]) -> float:
        return self.drop ** (step // max(1, round(self.every * total)))
