"""Global average-pooling."""

from torch import nn

from luthier.core.card import Card
from luthier.models.layers.layer import Layer, Shape, picture


class GlobalAveragePool(Layer):
    """Replace each map of pictures (C, H, W) by its mean, which leaves (C,).

    >>> import torch
    >>> GlobalAveragePool().build((2, 3, 5))(torch.ones(1, 2, 3, 5))
    tensor([[1., 1.]])
    """

    name = "global-average-pool"
    card = Card(
        summary="Global average-pooling: each map becomes its mean.",
        source="Lin, Chen and Yan, Network in network, 2014",
    )

    def build(self, shape: Shape) -> nn.Module:
        picture(self.name, shape)
        return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
