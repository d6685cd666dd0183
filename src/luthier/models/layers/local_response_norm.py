"""Local response normalisation."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyper
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

    size: int = hyper(5, legal=Range(1), search=Search(3, 9), says="maps that are summed over; 1 is the map itself")
    alpha: float = hyper(
        1e-4, legal=Range(0), search=Search(1e-5, 1e-2, log=True), says="how much neighbours damp; 0 is not at all"
    )
    beta: float = hyper(
        0.75, legal=Range(0), search=Search(0.5, 1), says="exponent; 0 changes nothing, 0.5 divides by a length"
    )
    k: float = hyper(2.0, legal=Range(0, low_open=True), says="what is added to the sum; large values damp evenly")

    def build(self, shape: Shape) -> nn.Module:
        picture(self.name, shape)
        return nn.LocalResponseNorm(self.size, self.alpha * self.size, self.beta, self.k)
