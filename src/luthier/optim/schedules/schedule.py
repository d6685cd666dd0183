"""The contract of a schedule."""

from collections.abc import Sequence
from typing import ClassVar

from luthier.core.declare import Part, Range, Search, hyperparameter


class Schedule(Part):
    """A pure function of where training stands, so that there is nothing to save.

    Members give `curve`; the warm-up, which any of them may have, comes on top of it.
    Source of the warm-up: Goyal et al., Accurate, large minibatch SGD: training ImageNet in 1 hour, 2017,
    arXiv 1706.02677.
    """

    needs_validation: ClassVar[bool] = False

    warmup: float = hyperparameter(
        0.0,
        bounds=Range(0, 1),
        search=Search(0.0, 0.2),
        description="share of the steps during which the rate rises from near 0 to the schedule's own; 0 is none, 1 "
        "all",
    )

    def factor(self, step: int, total: int, scores: Sequence[float]) -> float:
        """Factor on the learning rate at a step: the curve, below a straight line during the warm-up.

        step: from 0 to total - 1. total: steps of the whole training, at least 1.
        scores: the deciding metric on the validation part after each finished epoch, larger is better.
        """
        curve = self.curve(step, total, scores)
        risen, rising = step + 1, self.warmup * total
        return curve * (risen / rising) if risen < rising else curve

    def curve(self, step: int, total: int, scores: Sequence[float]) -> float:
        """The factor without a warm-up, at least 0; arguments as for `factor`."""
        raise NotImplementedError
