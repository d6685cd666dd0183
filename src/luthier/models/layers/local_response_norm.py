"""Local response normalisation."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.layers.layer import Layer, Shape, picture


class LocalResponseNorm(Layer):
    """Divide each value of pictures (C, H, W) by (k + alpha times the sum of squares of near maps) ^ beta.

    As in the paper, alpha multiplies the sum; PyTorch divides its alpha by the size first.

    >>> LocalResponseNorm().build((6, 5, 7)).alpha
    0.0005
    """

    name = "local-response-norm"
    card = Card(
        summary="Local response normalisation: strong maps damp their neighbours.",
        source="Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural "
        "networks, 2012",
    )

    size: int = hyperparameter(
        5, bounds=Range(1), search=Search(3, 9), description="maps that are summed over; 1 is the map itself"
    )
    alpha: float = hyperparameter(
        1e-4,
        bounds=Range(0),
        search=Search(1e-5, 1e-2, log=True),
        description="how much neighbours damp; 0 is not at all",
    )
    beta: float = hyperparameter(
        0.75, bounds=Range(0), search=Search(0.5, 1), description="exponent; 0 changes nothing, 0.5 divides by a length"
    )
    k: float = hyperparameter(
        2.0, bounds=Range(0, low_open=True), description="what is added to the sum; large values damp evenly"
    )

    def build(self, shape: Shape) -> nn.Module:
        picture(self.name, shape)
        return nn.LocalResponseNorm(self.size, self.alpha * self.size, self.beta, self.k)
