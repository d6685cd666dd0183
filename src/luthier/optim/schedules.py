"""How the learning rate changes: the contract of a schedule, and all of them."""

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Annotated, ClassVar

from pydantic import Field

from luthier.core.card import Card
from luthier.core.declare import Part, Range, Registry, Search, hyperparameter


class Schedule(Part):
    """A pure function of the position in the training, so that there is nothing to save.

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
        """Compute the factor on the learning rate at a step: the curve, below a straight line during the warm-up.

        step: from 0 to total - 1. total: steps of the whole training, at least 1.
        scores: the deciding metric on the validation part after each finished epoch, larger is better.
        """
        curve = self.curve(step, total, scores)
        risen, rising = step + 1, self.warmup * total
        return curve * (risen / rising) if risen < rising else curve

    def curve(self, step: int, total: int, scores: Sequence[float]) -> float:
        """Compute the factor without a warm-up, at least 0; arguments as for `factor`."""
        raise NotImplementedError


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


class Cosine(Schedule):
    """From 1 at the first step down to `final` after the last, without restarts.

    >>> round(Cosine().factor(5, 10, ()), 6)
    0.5
    """

    name = "cosine"
    card = Card(
        summary="Half a cosine from the full rate down to a final share of it.",
        source="Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2017, arXiv 1608.03983",
    )

    final: float = hyperparameter(
        0.0, bounds=Range(0, 1), description="share of the rate reached after the last step; 1 keeps the rate constant"
    )

    def curve(self, step: int, total: int, scores: Sequence[float]) -> float:
        return self.final + (1 - self.final) * (1 + math.cos(math.pi * step / total)) / 2


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
        """Return the first step of the cycle that a step is in, and that of the next one."""
        lengths = list(accumulate(self.growth**number for number in range(self.cycles)))
        edges = [0, *(round(total * length / lengths[-1]) for length in lengths)]
        return max(edge for edge in edges if edge <= step), min(edge for edge in edges if edge > step)


SCHEDULES = Registry(
    "schedule",
    Schedule,
    (Constant, Cosine, Exponential, MultiStep, OneCycle, Polynomial, ReduceOnPlateau, Step, WarmRestarts),
)


__all__ = [
    "SCHEDULES",
    "Constant",
    "Cosine",
    "Exponential",
    "MultiStep",
    "OneCycle",
    "Polynomial",
    "ReduceOnPlateau",
    "Schedule",
    "Step",
    "WarmRestarts",
]
