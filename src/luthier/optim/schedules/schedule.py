"""The contract of a schedule."""

from collections.abc import Sequence

from luthier.core.declare import Part


class Schedule(Part):
    """A pure function of where training stands, so that there is nothing to save."""

    def factor(self, step: int, total: int, scores: Sequence[float]) -> float:
        """Factor on the learning rate at a step.

        step: from 0 to total - 1. total: steps of the whole training, at least 1.
        scores: the deciding metric on the validation part after each finished epoch, larger is better.
        """
        raise NotImplementedError
