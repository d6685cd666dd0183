"""Hard examples first, as a toy sampler."""

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.core.declare import Range, hyperparameter
from luthier.data.samplers import Sampler, Seen


class HardFirst(Sampler):
    """Every example once, those with the largest last losses first, the rest in random order."""

    name = "hard-first"
    card = Card(
        summary="Shows the examples with the largest losses first.",
        source="Loshchilov and Hutter, Online batch selection for faster training, 2016, arXiv 1511.06343",
    )
    uses_losses = True

    share: float = hyperparameter(
        0.5, bounds=Range(0, 1), description="share of the examples that come by loss; 0 is random order"
    )

    def order(self, epoch: int, seen: Seen, rng: torch.Generator) -> Tensor:
        order = torch.randperm(len(seen.label), generator=rng)
        ranked = order[seen.loss[order].argsort(descending=True, stable=True)]
        hard = ranked[: round(self.share * len(order))]
        return torch.cat((hard, order[~torch.isin(order, hard)]))
