"""Every example once per epoch, in a new random order each time."""

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.data.sampling.sampler import Sampler, Seen


class Shuffled(Sampler):
    """Random reshuffling, the usual order for stochastic gradient descent."""

    name = "shuffled"
    card = Card(
        summary="Every example once per epoch, in a new random order each time.",
        source="Bottou, Curiously fast convergence of some stochastic gradient descent algorithms, 2009",
    )

    def order(self, epoch: int, seen: Seen, rng: torch.Generator) -> Tensor:
        return torch.randperm(len(seen.label), generator=rng)
