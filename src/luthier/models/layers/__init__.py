"""Layers that a recipe may list one by one, one file each."""

from typing import Annotated

from luthier.core.declare import Family
from luthier.models.layers.layer import Layer
from luthier.models.layers.linear import Linear

LAYERS = Family("layer", Layer, (Linear,))

ALayer = Annotated[Layer, LAYERS]
"""The type of a hyperparameter that is a layer."""

__all__ = ["LAYERS", "ALayer", "Layer", "Linear"]
