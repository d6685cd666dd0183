"""The contract of an activation."""

from torch import nn

from luthier.core.declare import Part


class Activation(Part):
    """Declares a function that a network applies to every value; `build` makes a module of it."""

    def build(self) -> nn.Module:
        """Make a new module that takes any tensor of floats and keeps its shape."""
        raise NotImplementedError
