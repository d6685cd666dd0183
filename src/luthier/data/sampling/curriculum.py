"""Easy examples first."""

from typing import ClassVar

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.data.sampling.draw import in_turns
from luthier.data.sampling.sampler import Sampler, Seen


class Curriculum(Sampler):
    """Trains on the examples with the smallest last loss, on a larger share of them in each epoch.

    The first epoch is shuffled, for every example to get a loss. Then come the easiest, repeated to fill an epoch; the
    share grows evenly until all are there. What is easy is asked of the network itself (Kumar, Packer and Koller,
    Self-paced learning for latent variable models, 2010).
    """

    name = "curriculum"
    uses_losses: ClassVar[bool] = True
    card = Card(
        summary="Easy examples first: those with the smallest last loss, more of them in each epoch.",
        source="Bengio, Louradour, Collobert and Weston, Curriculum learning, 2009",
    )

    start: float = hyperparameter(
        0.5,
        bounds=Range(0, 1, low_open=True),
        search=Search(0.2, 0.9),
        description="share of the examples in the second epoch; near 0 only the very easiest, 1 is shuffled",
    )
    epochs: int = hyperparameter(
        5,
        bounds=Range(1),
        search=Search(2, 20, log=True),
        description="after how many epochs all examples are there; 1 is shuffled, more is a slower start",
    )

    def order(self, epoch: int, seen: Seen, rng: torch.Generator) -> Tensor:
        count = len(seen.loss)
        easiest = seen.loss.argsort(stable=True)[: self.kept(epoch, count)]
        return in_turns(easiest, count, rng)

    def kept(self, epoch: int, count: int) -> int:
        """How many of count examples an epoch, from 0, is made of."""
        if epoch == 0 or epoch >= self.epochs:
            return count
        share = self.start + (1 - self.start) * (epoch - 1) / (self.epochs - 1)
        return max(1, round(share * count))
