"""An activation as a layer of its own."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import hyperparameter
from luthier.models.activations import ActivationField, ReLU
from luthier.models.layers.layer import Layer, Shape


class ActivationLayer(Layer):
    """Apply a function to every value; takes and keeps any shape.

    >>> from luthier.models.activations import Tanh
    >>> ActivationLayer(function=Tanh()).build((4,))
    Tanh()
    """

    name = "activation"
    card = Card(
        summary="A function of every value: what makes a stack of layers more than one linear map.",
        source="Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, 1986",
    )

    function: ActivationField = hyperparameter(
        ReLU(), description="the function, by its name in the catalogue of activations"
    )

    def build(self, shape: Shape) -> nn.Module:
        return self.function.build()
