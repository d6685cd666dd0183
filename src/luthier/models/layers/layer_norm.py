"""Layer normalisation."""

from torch import nn

from luthier.core.card import Card
from luthier.models.layers.layer import Layer, Shape


class LayerNorm(Layer):
    """Bring all values of a picture (C, H, W) or row (F,), or each step of a sequence (T, F), to mean 0, variance 1.

    Each value then gets a learned scale and shift. The batch plays no part.

    >>> LayerNorm().build((7, 5)).normalized_shape
    (5,)
    """

    name = "layer-norm"
    card = Card(
        summary="Layer normalisation: each example with mean 0 and variance 1.",
        source="Ba, Kiros and Hinton, Layer normalization, 2016",
    )

    def build(self, shape: Shape) -> nn.Module:
        return nn.LayerNorm(shape[1:] if len(shape) == 2 else shape)
