"""Every example as often as its weight says."""

from typing import ClassVar

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.data.sampling.draw import by_share
from luthier.data.sampling.sampler import Sampler, Seen


class Weighted(Sampler):
    """Draws examples in proportion to their weights, which then do not count in the loss a second time."""

    name = "weighted"
    uses_weights: ClassVar[bool] = True
    card = Card(
        summary="Every example as often as its weight says, instead of weighing its loss.",
        source="Shimodaira, Improving predictive inference under covariate shift by weighting the log-likelihood "
        "function, 2000",
    )

    def order(self, epoch: int, seen: Seen, rng: torch.Generator) -> Tensor:
        return by_share(seen.weight, len(seen.weight), rng)
