"""Trainable subsampling."""

from torch import nn

from luthier.core.card import Card
from luthier.models.layers.layer import Layer, Shape, check_fits, picture
from luthier.models.modules import TrainableSubsampling


class Subsampling(Layer):
    """Sum each block of 2x2 pixels of (C, H, W), times a coefficient and plus a bias that each map learns.

    >>> sum(p.numel() for p in Subsampling().build((6, 28, 28)).parameters())
    12
    """

    name = "subsampling"
    card = Card(
        summary="Trainable subsampling: a coefficient and a bias per map on the sum of 2x2 pixels.",
        source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
    )

    def build(self, shape: Shape) -> nn.Module:
        maps, *_ = picture(self.name, shape)
        check_fits(self.name, shape, 2)
        return TrainableSubsampling(maps)
