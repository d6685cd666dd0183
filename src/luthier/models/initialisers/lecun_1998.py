"""The initialisation of the first LeNet-5."""

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.models.initialisers.initialiser import Fan, Initialiser, output_share


class LeCun1998(Initialiser):
    """Uniform between -2.4 and +2.4 over the fan-in, biases included."""

    name = "lecun-1998"
    card = Card(
        summary="Uniform between -2.4 and +2.4 over the fan-in, biases included.",
        source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
    )
    biases = True

    output: float = output_share(1.0)

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return (torch.rand(shape, generator=rng) * 2 - 1) * 2.4 / torch.as_tensor(fan_in)
