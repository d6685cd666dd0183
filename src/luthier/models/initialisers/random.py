"""Weights drawn at random with a spread that is fixed or follows the fan of a layer, and constant ones."""

import math
from typing import Literal

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.initialisers.initialiser import Fan, Initialiser, output_share


class Normal(Initialiser):
    """Mean 0 and a fixed standard deviation, whatever the fan; the default is that of AlexNet.

    >>> from luthier.core.rng import generator
    >>> round(float(Normal(std=0.1).draw(torch.Size((500, 400)), 400, 500, generator(0, "x")).std()), 3)
    0.1
    """

    name = "normal"
    card = Card(
        summary="Normal with mean 0 and a fixed standard deviation, whatever the fan.",
        source="Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural networks, "
        "2012",
    )

    std: float = hyperparameter(
        0.01, bounds=Range(0, 100), search=Search(0.001, 1, log=True),
        description="standard deviation of a weight; 0 leaves units alike, large ones saturate",
    )  # fmt: skip

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return torch.randn(shape, generator=rng) * self.std


class Uniform(Initialiser):
    """Uniform between -limit and +limit, whatever the fan.

    >>> from luthier.core.rng import generator
    >>> bool(Uniform(limit=0.5).draw(torch.Size((50, 40)), 40, 50, generator(0, "x")).abs().max() <= 0.5)
    True
    """

    name = "uniform"
    card = Card(
        summary="Uniform between minus and plus a limit, whatever the fan.",
        source="LeCun, Bottou, Orr and Muller, Efficient BackProp, 1998",
    )

    limit: float = hyperparameter(
        0.05, bounds=Range(0, 100), search=Search(0.001, 1, log=True),
        description="largest size of a weight; 0 leaves units alike, large limits saturate",
    )  # fmt: skip

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return (torch.rand(shape, generator=rng) * 2 - 1) * self.limit


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
        return (normal * (self.std / truncated_deviation(self.cut))).float()


def truncated_deviation(cut: float) -> float:
    """Compute the standard deviation of a standard normal that is cut off at -cut and +cut.

    >>> round(truncated_deviation(2.0), 4)
    0.8796
    """
    density = math.exp(-(cut**2) / 2) / math.sqrt(2 * math.pi)
    return math.sqrt(1 - 2 * cut * density / math.erf(cut / math.sqrt(2)))


class HeNormal(Initialiser):
    """Mean 0, variance 2 / fan: rectifiers, which lose half of it, then keep the variance of what passes.

    >>> from luthier.core.rng import generator
    >>> round(float(HeNormal().draw(torch.Size((500, 400)), 400, 500, generator(0, "x")).std()), 3)
    0.071
    """

    name = "he-normal"
    card = Card(
        summary="Normal with mean 0 and variance 2 / fan, for rectifiers.",
        source="He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015, arXiv 1502.01852",
    )

    fan: Literal["in", "out"] = hyperparameter(
        "in",
        description="the fan that counts: in keeps the variance of what passes forward, out of the gradient passing "
        "back",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        fan = torch.as_tensor(fan_in if self.fan == "in" else fan_out)
        return torch.randn(shape, generator=rng) * math.sqrt(2) * fan.rsqrt()


class HeUniform(Initialiser):
    """Mean 0, variance 2 / fan: rectifiers, which lose half of it, then keep the variance of what passes.

    >>> from luthier.core.rng import generator
    >>> bool((HeUniform().draw(torch.Size((50, 40)), 40, 50, generator(0, "x"))).abs().max() <= (6 / 40) ** 0.5)
    True
    """

    name = "he-uniform"
    card = Card(
        summary="Uniform with mean 0 and variance 2 / fan, for rectifiers.",
        source="He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015, arXiv 1502.01852",
    )

    fan: Literal["in", "out"] = hyperparameter(
        "in",
        description="the fan that counts: in keeps the variance of what passes forward, out of the gradient passing "
        "back",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        fan = torch.as_tensor(fan_in if self.fan == "in" else fan_out)
        return (torch.rand(shape, generator=rng) * 2 - 1) * math.sqrt(6) * fan.rsqrt()


class XavierNormal(Initialiser):
    """Mean 0, variance 2 / (fan-in + fan-out): a compromise between what passes forward and what passes back.

    >>> from luthier.core.rng import generator
    >>> round(float(XavierNormal().draw(torch.Size((500, 400)), 400, 500, generator(0, "x")).std()), 3)
    0.047
    """

    name = "xavier-normal"
    card = Card(
        summary="Normal with mean 0 and variance 2 / (fan-in + fan-out).",
        source="Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        both = torch.as_tensor(fan_in) + torch.as_tensor(fan_out)
        return torch.randn(shape, generator=rng) * math.sqrt(2) * both.rsqrt()


class XavierUniform(Initialiser):
    """Mean 0, variance 2 / (fan-in + fan-out): a compromise between what passes forward and what passes back.

    >>> from luthier.core.rng import generator
    >>> bool((XavierUniform().draw(torch.Size((50, 40)), 40, 50, generator(0, "x"))).abs().max() <= (6 / 90) ** 0.5)
    True
    """

    name = "xavier-uniform"
    card = Card(
        summary="Uniform with mean 0 and variance 2 / (fan-in + fan-out).",
        source="Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        both = torch.as_tensor(fan_in) + torch.as_tensor(fan_out)
        return (torch.rand(shape, generator=rng) * 2 - 1) * math.sqrt(6) * both.rsqrt()


class LeCunNormal(Initialiser):
    """Mean 0, variance 1 / fan-in: a unit's sum has the variance of its inputs.

    >>> from luthier.core.rng import generator
    >>> round(float(LeCunNormal().draw(torch.Size((500, 400)), 400, 500, generator(0, "x")).std()), 3)
    0.05
    """

    name = "lecun-normal"
    card = Card(
        summary="Normal with mean 0 and variance 1 / fan-in.",
        source="LeCun, Bottou, Orr and Muller, Efficient BackProp, 1998",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return torch.randn(shape, generator=rng) * torch.as_tensor(fan_in).rsqrt()


class LeCunUniform(Initialiser):
    """Mean 0, variance 1 / fan-in: a unit's sum has the variance of its inputs.

    >>> from luthier.core.rng import generator
    >>> bool((LeCunUniform().draw(torch.Size((50, 40)), 40, 50, generator(0, "x"))).abs().max() <= (3 / 40) ** 0.5)
    True
    """

    name = "lecun-uniform"
    card = Card(
        summary="Uniform with mean 0 and variance 1 / fan-in.",
        source="LeCun, Bottou, Orr and Muller, Efficient BackProp, 1998",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return (torch.rand(shape, generator=rng) * 2 - 1) * math.sqrt(3) * torch.as_tensor(fan_in).rsqrt()


class LeCun1998(Initialiser):
    """Uniform between -2.4 and +2.4 over the fan-in, biases included."""

    name = "lecun-1998"
    card = Card(
        summary="Uniform between -2.4 and +2.4 over the fan-in, biases included.",
        source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
    )
    biases = True

    output: float = output_share(1.0)

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return (torch.rand(shape, generator=rng) * 2 - 1) * 2.4 / torch.as_tensor(fan_in)


class Constant(Initialiser):
    """Every weight the same number: the units of a hidden layer then get equal gradients for ever, as from zeros.

    >>> from luthier.core.rng import generator
    >>> Constant(value=0.5).draw(torch.Size((1, 3)), 3, 1, generator(0, "x"))
    tensor([[0.5000, 0.5000, 0.5000]])
    """

    name = "constant"
    card = Card(
        summary="All weights one number; the units of a hidden layer stay alike for ever, as from zeros.",
        source="Rumelhart, Hinton and Williams, Learning internal representations by error propagation, "
        "1986 (on breaking symmetry)",
    )

    value: float = hyperparameter(
        0.05,
        bounds=Range(-100, 100),
        search=Search(-0.1, 0.1),
        description="every weight; 0 is zeros, large numbers saturate",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return torch.full(shape, self.value)


class Zeros(Initialiser):
    """Every weight 0: the units of a hidden layer then get equal gradients for ever, and do the work of one unit.

    >>> from luthier.core.rng import generator
    >>> Zeros().draw(torch.Size((1, 3)), 3, 1, generator(0, "x"))
    tensor([[0., 0., 0.]])
    """

    name = "zeros"
    card = Card(
        summary="All weights 0; the units of a hidden layer stay alike for ever, so use it without hidden layers only.",
        source="Rumelhart, Hinton and Williams, Learning internal representations by error propagation, "
        "1986 (on breaking symmetry)",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return torch.zeros(shape)
