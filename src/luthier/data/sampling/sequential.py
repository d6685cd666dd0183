"""Every example once per epoch, in the order of the data."""

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.data.sampling.sampler import Sampler, Seen


class Sequential(Sampler):
    """The order of the data, for comparisons and for data whose order means something."""

    name = "sequential"
    card = Card(
        summary="Every example once per epoch, in the order of the data.",
        source="Bottou, Curiously fast convergence of some stochastic gradient descent algorithms, 2009",
    )

    def order(self, epoch: int, seen: Seen, rng: torch.Generator) -> Tensor:
        return torch.arange(len(seen.label))
