"""Pictures as sequences."""

from torch import nn

from luthier.core.card import Card
from luthier.models.layers.layer import Layer, Shape, picture
from luthier.models.modules import Rows


class RowsOfPixels(Layer):
    """Read pictures (C, H, W) as sequences of their rows (H, C W), for the recurrent layers.

    >>> RowsOfPixels().build((3, 7, 5))
    Rows()
    """

    name = "rows"
    card = Card(
        summary="A picture as the sequence of its rows of pixels.",
        source="Le, Jaitly and Hinton, A simple way to initialize recurrent networks of rectified linear units, 2015",
    )

    def build(self, shape: Shape) -> nn.Module:
        picture(self.name, shape)
        return Rows()
