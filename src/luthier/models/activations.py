"""Functions applied to each unit's sum: the contract of an activation, and all of them."""

from typing import Annotated, ClassVar

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Part, Range, Registry, Search, hyperparameter
from luthier.models.modules import ScaledTanh


class Activation(Part):
    """Declares a function that a network applies to every value; `build` makes a module of it.

    monotone: whether a larger value never gives a smaller one. Such a function may stand behind a max-pooling instead
    of before it: the largest value stays the largest, and fewer are left to apply it to.
    """

    monotone: ClassVar[bool] = False

    def build(self) -> nn.Module:
        """Make a new module that takes any tensor of floats and keeps its shape."""
        raise NotImplementedError


class ELU(Activation):
    """x above 0, alpha (exp(x) - 1) below.

    >>> import torch
    >>> ELU().build()(torch.tensor([-1.0, 2.0]))
    tensor([-0.6321,  2.0000])
    """

    name = "elu"
    card = Card(
        summary="Exponential linear unit: x above 0, an exponential that levels off below.",
        source="Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by exponential linear "
        "units, 2015, arXiv 1511.07289",
    )
    monotone = True

    alpha: float = hyperparameter(
        1.0, bounds=Range(0), search=Search(0.1, 2),
        description="how far below 0 it levels off; 0 is ReLU, at 1 the slope has no jump at 0, more makes it steeper "
        "below",
    )  # fmt: skip

    def build(self) -> nn.Module:
        return nn.ELU(self.alpha)


class GELU(Activation):
    """x P(Z <= x) for a standard normal Z, computed exactly.

    >>> import torch
    >>> GELU().build()(torch.tensor([-1.0, 2.0]))
    tensor([-0.1587,  1.9545])
    """

    name = "gelu"
    card = Card(
        summary="Gaussian error linear unit: x times the normal distribution function of x.",
        source="Hendrycks and Gimpel, Gaussian error linear units, 2016, arXiv 1606.08415",
    )

    def build(self) -> nn.Module:
        return nn.GELU()


class HardSwish(Activation):
    """x times min(max(x + 3, 0), 6) / 6.

    >>> import torch
    >>> HardSwish().build()(torch.tensor([-1.0, 2.0]))
    tensor([-0.3333,  1.6667])
    """

    name = "hard-swish"
    card = Card(
        summary="Swish with the logistic function replaced by a straight line cut off at 0 and 1.",
        source="Howard, Sandler, Chu, Chen, Chen, Tan, Wang, Zhu, Pang, Vasudevan, Le and Adam, "
        "Searching for MobileNetV3, 2019, arXiv 1905.02244",
    )

    def build(self) -> nn.Module:
        return nn.Hardswish()


class Identity(Activation):
    """x itself.

    >>> import torch
    >>> Identity().build()(torch.tensor([-1.0, 2.0]))
    tensor([-1.,  2.])
    """

    name = "identity"
    card = Card(
        summary="No activation: the layers around it act as one linear map.",
        source="Baldi and Hornik, Neural networks and principal component analysis: learning from examples "
        "without local minima, 1989",
    )
    monotone = True

    def build(self) -> nn.Module:
        return nn.Identity()


class LeakyReLU(Activation):
    """x above 0, slope times x below.

    >>> import torch
    >>> LeakyReLU(slope=0.5).build()(torch.tensor([-1.0, 2.0]))
    tensor([-0.5000,  2.0000])
    """

    name = "leaky-relu"
    monotone = True
    card = Card(
        summary="Leaky rectified linear unit: x above 0, a small slope times x below.",
        source="Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models, 2013",
    )

    slope: float = hyperparameter(
        0.01,
        bounds=Range(0, 1),
        search=Search(0.001, 0.3, log=True),
        description="slope below 0; 0 is ReLU, 1 the identity",
    )

    def build(self) -> nn.Module:
        return nn.LeakyReLU(self.slope)


class Mish(Activation):
    """x tanh(log(1 + exp(x))).

    >>> import torch
    >>> Mish().build()(torch.tensor([-1.0, 2.0]))
    tensor([-0.3034,  1.9440])
    """

    name = "mish"
    card = Card(
        summary="Mish: x times the hyperbolic tangent of the softplus of x.",
        source="Misra, Mish: a self regularized non-monotonic activation function, 2019, arXiv 1908.08681",
    )

    def build(self) -> nn.Module:
        return nn.Mish()


class PReLU(Activation):
    """x above 0, a learned slope times x below; one slope for all channels of the layer (the paper's shared form).

    The slope has one dimension, so weight decay leaves it alone, as in the paper.

    >>> import torch
    >>> PReLU(start=0.5).build()(torch.tensor([-1.0, 2.0]))
    tensor([-0.5000,  2.0000], grad_fn=<PreluKernelBackward0>)
    """

    name = "prelu"
    card = Card(
        summary="Parametric ReLU: x above 0, a learned slope times x below.",
        source="He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015, arXiv 1502.01852",
    )

    start: float = hyperparameter(
        0.25,
        bounds=Range(-1, 1),
        search=Search(0, 0.5),
        description="slope below 0 before training; 0 is ReLU, 1 the identity",
    )

    def build(self) -> nn.Module:
        return nn.PReLU(init=self.start)


class ReLU(Activation):
    """The larger of x and 0.

    >>> import torch
    >>> ReLU().build()(torch.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """

    name = "relu"
    monotone = True
    card = Card(
        summary="Rectified linear unit: the larger of x and 0.",
        source="Nair and Hinton, Rectified linear units improve restricted Boltzmann machines, 2010",
    )

    def build(self) -> nn.Module:
        return nn.ReLU()


class ReLU6(Activation):
    """x between 0 and 6, cut off at both ends.

    >>> import torch
    >>> ReLU6().build()(torch.tensor([-1.0, 2.0, 9.0]))
    tensor([0., 2., 6.])
    """

    name = "relu6"
    monotone = True
    card = Card(
        summary="Rectified linear unit that ends at 6.",
        source="Krizhevsky, Convolutional deep belief networks on CIFAR-10, 2010",
    )

    def build(self) -> nn.Module:
        return nn.ReLU6()


class LeCunTanh(Activation):
    """1.7159 tanh(2x/3): inputs of variance 1 give outputs of variance about 1.

    >>> import torch
    >>> LeCunTanh().build()(torch.tensor([-1.0, 1.0]))
    tensor([-1.0000,  1.0000])
    """

    name = "scaled-tanh"
    card = Card(
        summary="Scaled hyperbolic tangent: 1.7159 tanh(2x/3), which takes 1 to 1 and -1 to -1.",
        source="LeCun, Bottou, Orr and Muller, Efficient BackProp, 1998",
    )
    monotone = True

    def build(self) -> nn.Module:
        return ScaledTanh()


class SELU(Activation):
    """1.0507 x above 0, 1.0507 * 1.6733 (exp(x) - 1) below; meant for weights from lecun-normal.

    >>> import torch
    >>> SELU().build()(torch.tensor([-1.0, 2.0]))
    tensor([-1.1113,  2.1014])
    """

    name = "selu"
    card = Card(
        summary="Scaled ELU, whose two constants keep mean 0 and variance 1 from layer to layer.",
        source="Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks, 2017, arXiv 1706.02515",
    )
    monotone = True

    def build(self) -> nn.Module:
        return nn.SELU()


class Sigmoid(Activation):
    """1 / (1 + exp(-x)), between 0 and 1.

    >>> import torch
    >>> Sigmoid().build()(torch.tensor([0.0]))
    tensor([0.5000])
    """

    name = "sigmoid"
    card = Card(
        summary="Logistic function, between 0 and 1.",
        source="Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, 1986",
    )
    monotone = True

    def build(self) -> nn.Module:
        return nn.Sigmoid()


class SiLU(Activation):
    """x / (1 + exp(-x)).

    >>> import torch
    >>> SiLU().build()(torch.tensor([-1.0, 2.0]))
    tensor([-0.2689,  1.7616])
    """

    name = "silu"
    card = Card(
        summary="Sigmoid linear unit, also called swish: x times the logistic function of x.",
        source="Elfwing, Uchibe and Doya, Sigmoid-weighted linear units for neural network function approximation in "
        "reinforcement learning, 2017, arXiv 1702.03118",
    )

    def build(self) -> nn.Module:
        return nn.SiLU()


class Softplus(Activation):
    """log(1 + exp(beta x)) / beta, above 0 everywhere.

    >>> import torch
    >>> Softplus().build()(torch.tensor([0.0]))
    tensor([0.6931])
    """

    name = "softplus"
    card = Card(
        summary="Smooth ReLU: the log of 1 + exp(x).",
        source="Dugas, Bengio, Belisle, Nadeau and Garcia, Incorporating second-order functional knowledge for better "
        "option pricing, 2001",
    )
    monotone = True

    beta: float = hyperparameter(
        1.0, bounds=Range(0.01, 100), search=Search(0.5, 10, log=True),
        description="sharpness of the bend at 0; the larger, the closer to ReLU, the smaller, the closer to a "
        "straight line",
    )  # fmt: skip

    def build(self) -> nn.Module:
        return nn.Softplus(self.beta)


class Tanh(Activation):
    """tanh(x), between -1 and 1.

    >>> import torch
    >>> Tanh().build()(torch.tensor([0.0]))
    tensor([0.])
    """

    name = "tanh"
    monotone = True
    card = Card(
        summary="Hyperbolic tangent, between -1 and 1.",
        source="LeCun, Bottou, Orr and Muller, Efficient BackProp, 1998",
    )

    def build(self) -> nn.Module:
        return nn.Tanh()


ACTIVATIONS = Registry(
    "activation",
    Activation,
    (
        ELU,
        GELU,
        HardSwish,
        Identity,
        LeakyReLU,
        Mish,
        PReLU,
        ReLU,
        ReLU6,
        LeCunTanh,
        SELU,
        Sigmoid,
        SiLU,
        Softplus,
        Tanh,
    ),
)


ActivationField = Annotated[Activation, ACTIVATIONS]
"""The type of a hyperparameter that is an activation."""


__all__ = [
    "ACTIVATIONS",
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "ActivationField",
    "HardSwish",
    "Identity",
    "LeCunTanh",
    "LeakyReLU",
    "Mish",
    "PReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Tanh",
]
