"""Gradient accumulation, as a toy."""

import torch
from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, hyper
from luthier.tricks import Backward, Memory, Moment, Outcome, Trick


def cut(batch: Batch, parts: int) -> list[Batch]:
    """Cut a batch into parts whose sizes differ by one at most, into fewer where there are fewer examples."""
    places = torch.arange(len(batch)).tensor_split(min(parts, len(batch)))
    return [batch.rows(int(one[0]), int(one[-1]) + 1) for one in places]


class Accumulation(Trick):
    """Sends a batch through in parts and adds their gradients, each with its share of the weight."""

    name = "accumulation"
    card = TrickCard(
        summary="Sends a batch through in parts and adds their gradients.",
        source="Goyal and others, Accurate, large minibatch SGD, 2017, arXiv 1706.02677",
    )

    parts: int = hyper(2, legal=Range(1), says="number of parts; 1 is the whole batch")

    def wrap_backward(self, backward: Backward, memory: Memory, at: Moment) -> Backward:
        if self.parts == 1:
            return backward

        def piecewise(batch: Batch, share: float | Tensor) -> Outcome:
            pieces = cut(batch, self.parts)
            shares = [one.weight.sum() / batch.weight.sum() for one in pieces]
            found = [backward(one, part * share) for one, part in zip(pieces, shares, strict=True)]
            mean = torch.stack([one.mean * part for one, part in zip(found, shares, strict=True)]).sum()
            return Outcome(torch.cat([one.losses for one in found]), mean)

        return piecewise
