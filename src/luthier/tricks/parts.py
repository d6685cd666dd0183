"""A batch sent through in parts, so that a large one fits into a small memory."""

import torch
from torch import Tensor

from luthier.core.batch import Batch
from luthier.tricks.trick import Backward, Outcome, skipping

LEAST = 3
"""From here on no part of a cut batch holds a single example."""


def cut_batch_rows(batch: Batch, size: int) -> list[Batch]:
    """Cut a batch into as few parts of at most `size` examples as there can be, their sizes differing by one."""
    places = torch.arange(len(batch)).tensor_split(-(-len(batch) // size))
    return [batch.rows(int(one[0]), int(one[-1]) + 1) for one in places]


def in_parts(backward: Backward, size: int) -> Backward:
    """Add up the gradients of parts of at most `size` examples: that of the whole batch, up to rounding."""

    def piecewise(batch: Batch, share: float | Tensor) -> Outcome:
        if len(batch) <= size:
            return backward(batch, share)
        pieces = cut_batch_rows(batch, size)
        shares = [one.weight.sum() / batch.weight.sum() for one in pieces]
        found = [backward(_weigh(one), part * share) for one, part in zip(pieces, shares, strict=True)]
        mean = torch.stack([one.mean * part for one, part in zip(found, shares, strict=True)]).sum()
        return Outcome(torch.cat([one.losses for one in found]), mean, skipping(found))

    return piecewise


def _weigh(part: Batch) -> Batch:
    """A part of which no example counts has no mean; its share is 0, so that any weights will do."""
    return part.replace(weight=torch.where(part.weight.sum() > 0, part.weight, torch.ones_like(part.weight)))
