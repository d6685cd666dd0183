"""The contract of an activation."""

from typing import ClassVar

from torch import nn

from luthier.core.declare import Part


class Activation(Part):
    """Declares a function that a network applies to every value; `build` makes a module of it.

    monotone: whether a larger value never gives a smaller one. Such a function may stand behind a max-pooling instead
    of before it: the largest value stays the largest, and fewer are left to apply it to.
    """

    monotone: ClassVar[bool] = False

    def build(self) -> nn.Module:
        """Make a new module that takes any tensor of floats and keeps its shape."""
        raise NotImplementedError
