"""Every class by the square root of its size."""

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.data.sampling.draw import of_classes
from luthier.data.sampling.sampler import Sampler, Seen


class SquareRootBalanced(Sampler):
    """Half-way between shuffled and balanced, for classes so small that repeating them in full would overfit them."""

    name = "square-root-balanced"
    needs_classes = True
    card = Card(
        summary="Every class as often as the square root of its size, an epoch being as long as without.",
        source="Mahajan et al., Exploring the limits of weakly supervised pretraining, 2018",
    )

    def order(self, epoch: int, seen: Seen, rng: torch.Generator) -> Tensor:
        return of_classes(seen.label, 0.5, rng)
