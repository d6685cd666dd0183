"""Examples with a large loss more often."""

from typing import ClassVar

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.data.sampling.draw import by_share
from luthier.data.sampling.sampler import Sampler, Seen


class HardExamples(Sampler):
    """Draws in proportion to the last loss; an example that was not seen yet counts as the hardest seen.

    The first epoch is shuffled. Wrong labels have large losses too: with many of them this does harm.
    """

    name = "hard-examples"
    uses_losses: ClassVar[bool] = True
    card = Card(
        summary="Examples as often as their last loss is large, mixed with all alike.",
        source="Katharopoulos and Fleuret, Not all samples are created equal: deep learning with importance sampling, "
        "2018",
    )

    alike: float = hyperparameter(
        0.25,
        bounds=Range(0, 1),
        search=Search(0.1, 0.9),
        description="share of the draws that fall on all examples alike; 0 follows the losses alone, 1 is shuffled",
    )

    def order(self, epoch: int, seen: Seen, rng: torch.Generator) -> Tensor:
        count = len(seen.loss)
        known = seen.loss[seen.loss.isfinite()].double()
        hardest = known.max() if len(known) else torch.ones((), dtype=torch.float64)
        loss = torch.where(seen.loss.isfinite(), seen.loss.double(), hardest).clamp(min=0)
        even = torch.full_like(loss, 1 / count)
        shares = loss / loss.sum() if loss.sum() > 0 else even
        return by_share(self.alike * even + (1 - self.alike) * shares, count, rng)
