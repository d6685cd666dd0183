"""What a unit makes of its sum, one file per activation."""

from typing import Annotated

from luthier.core.declare import Family
from luthier.models.activations.activation import Activation
from luthier.models.activations.leaky_relu import LeakyReLU
from luthier.models.activations.relu import ReLU
from luthier.models.activations.relu6 import ReLU6
from luthier.models.activations.tanh import Tanh

ACTIVATIONS = Family("activation", Activation, (LeakyReLU, ReLU, ReLU6, Tanh))

AnActivation = Annotated[Activation, ACTIVATIONS]
"""The type of a hyperparameter that is an activation."""

__all__ = ["ACTIVATIONS", "Activation", "AnActivation", "LeakyReLU", "ReLU", "ReLU6", "Tanh"]
