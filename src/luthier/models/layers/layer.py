"""The contract of a declared layer."""

from torch import nn

from luthier.core.declare import Part

Shape = tuple[int, ...]


class Layer(Part):
    """Declares one layer of a network that a recipe lists layer by layer."""

    def build(self, shape: Shape) -> nn.Module:
        """Make the layer for examples of a shape, (C, H, W), (T, F) or (F,).

        Raises BadInput where the shape cannot be used.
        """
        raise NotImplementedError
