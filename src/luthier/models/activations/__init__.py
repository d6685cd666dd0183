"""What a unit makes of its sum, one file per activation."""

from typing import Annotated

from luthier.core.declare import Registry
from luthier.models.activations.activation import Activation
from luthier.models.activations.elu import ELU
from luthier.models.activations.gelu import GELU
from luthier.models.activations.hard_swish import HardSwish
from luthier.models.activations.identity import Identity
from luthier.models.activations.leaky_relu import LeakyReLU
from luthier.models.activations.mish import Mish
from luthier.models.activations.prelu import PReLU
from luthier.models.activations.relu import ReLU
from luthier.models.activations.relu6 import ReLU6
from luthier.models.activations.scaled_tanh import LeCunTanh
from luthier.models.activations.selu import SELU
from luthier.models.activations.sigmoid import Sigmoid
from luthier.models.activations.silu import SiLU
from luthier.models.activations.softplus import Softplus
from luthier.models.activations.tanh import Tanh

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
