"""Normal without its tails."""

import math

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.initialisers.initialiser import Fan, Initialiser


class TruncatedNormal(Initialiser):
    """Mean 0 and standard deviation std after the cut: the bell curve that is cut at `cut` of its own standard
    deviations is the wider for it. Cut at 2, a tail of 4.6% is missing and the curve is wider by a factor of 1.137.
    Values come from the inverse of the distribution function, so none is drawn twice.

    >>> from luthier.core.rng import generator
    >>> round(float(TruncatedNormal(std=0.1).draw(torch.Size((500, 400)), 400, 500, generator(0, "x")).std()), 3)
    0.1
    """

    name = "truncated-normal"
    card = Card(
        summary="Normal without its tails, scaled so that what is left has the standard deviation asked for.",
        source="Abadi and others, TensorFlow: large-scale machine learning on heterogeneous distributed systems, 2015, "
        "arXiv 1603.04467",
    )

    std: float = hyperparameter(
        0.02, bounds=Range(0, 100), search=Search(0.001, 1, log=True),
        description="standard deviation of a weight after the cut; 0 leaves units alike, large ones saturate",
    )  # fmt: skip
    cut: float = hyperparameter(
        2.0, bounds=Range(0.1, 8), search=Search(1, 4),
        description="where the tails are cut, in standard deviations before the cut; 0.1 is nearly uniform, 8 nearly "
        "normal",
    )  # fmt: skip

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        inside = math.erf(self.cut / math.sqrt(2))
        share = (torch.rand(shape, generator=rng, dtype=torch.float64) * 2 - 1) * inside
        normal = (torch.erfinv(share) * math.sqrt(2)).clamp(-self.cut, self.cut)
        return (normal * (self.std / left_over(self.cut))).float()


def left_over(cut: float) -> float:
    """Standard deviation of a standard normal that is cut off at -cut and +cut.

    >>> round(left_over(2.0), 4)
    0.8796
    """
    density = math.exp(-(cut**2) / 2) / math.sqrt(2 * math.pi)
    return math.sqrt(1 - 2 * cut * density / math.erf(cut / math.sqrt(2)))
