"""Dropout of single values, and of whole maps."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.layers.layer import Layer, Shape, check_picture


class Dropout(Layer):
    """In training, set random values to 0 and raise the others to keep the mean; takes and keeps any shape.

    >>> Dropout(rate=0.2).build((4,))
    Dropout(p=0.2, inplace=False)
    """

    name = "dropout"
    card = Card(
        summary="Dropout: random values are left out in training.",
        source="Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout: a simple way to prevent neural "
        "networks from overfitting, 2014",
    )

    rate: float = hyperparameter(
        0.5,
        bounds=Range(0, 1, high_open=True),
        search=Search(0, 0.7),
        description="share left out; 0 is none, near 1 almost all",
    )

    def build(self, shape: Shape) -> nn.Module:
        return nn.Dropout(self.rate)


class SpatialDropout(Layer):
    """In training, set random maps of pictures (C, H, W) to 0 as a whole: neighbouring pixels cannot stand in.

    >>> SpatialDropout(rate=0.2).build((3, 5, 7))
    Dropout2d(p=0.2, inplace=False)
    """

    name = "spatial-dropout"
    card = Card(
        summary="Spatial dropout: random maps are left out as a whole in training.",
        source="Tompson, Goroshin, Jain, LeCun and Bregler, Efficient object localization using convolutional "
        "networks, 2015",
    )

    rate: float = hyperparameter(
        0.2,
        bounds=Range(0, 1, high_open=True),
        search=Search(0, 0.5),
        description="share left out; 0 is none, near 1 almost all",
    )

    def build(self, shape: Shape) -> nn.Module:
        check_picture(self.name, shape)
        return nn.Dropout2d(self.rate)
