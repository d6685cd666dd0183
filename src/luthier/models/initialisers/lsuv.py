"""Layer-sequential unit variance."""

import torch
from torch import Tensor, nn

from luthier.core.card import Card
from luthier.models.initialisers.initialiser import Fan, Initialiser
from luthier.models.initialisers.layerwise import layer_by_layer, scale_
from luthier.models.initialisers.orthogonal import Orthogonal


class LSUV(Initialiser):
    """Orthogonal weights, then each layer after the other is scaled until its outputs have variance 1 on training data.

    The paper repeats the scaling until the variance is near 1; without biases one scaling is exact.

    >>> from luthier.models.initialisers import initialise_
    >>> from luthier.core.rng import generator
    >>> layer, inputs = nn.Linear(7, 5), torch.rand(50, 7, generator=generator(0, "x"))
    >>> initialise_(layer, LSUV(), seed=0)
    >>> LSUV().adapt(layer, inputs, generator(0, "adapt"))
    >>> layer(inputs).detach().var(correction=0).round(decimals=4)
    tensor(1.)
    """

    name = "lsuv"
    card = Card(
        summary="Layer-sequential unit variance: orthogonal, then scaled layer by layer on training data.",
        source="Mishkin and Matas, All you need is a good init, 2016, arXiv 1511.06422",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return Orthogonal().draw(shape, fan_in, fan_out, rng)

    def adapt(self, network: nn.Module, inputs: Tensor, rng: torch.Generator) -> None:
        layer_by_layer(network, inputs, scale_)
