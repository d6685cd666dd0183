"""Mixup, as a toy: drawing and applying are two functions."""

from dataclasses import dataclass

import torch
from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, hyper
from luthier.tricks import Memory, Moment, Trick


@dataclass(frozen=True)
class Mix:
    """Share that each example keeps (B,), and the example that gives the rest (B,)."""

    kept: Tensor
    partner: Tensor


def draw_mix(size: int, strength: float, rng: torch.Generator) -> Mix:
    """Draw a mix in which each example keeps at least 1 - strength / 2 of itself."""
    return Mix(1 - strength / 2 * torch.rand(size, generator=rng), torch.randperm(size, generator=rng))


def mix_batch(batch: Batch, mix: Mix) -> Batch:
    """Mix inputs and targets alike; labels stay."""

    def mixed(values: Tensor) -> Tensor:
        kept = mix.kept.to(values).view(-1, *[1] * (values.ndim - 1))
        return kept * values + (1 - kept) * values[mix.partner]

    return batch.replace(inputs=mixed(batch.inputs), target=mixed(batch.target))


class Mixup(Trick):
    """Trains on mixtures of two examples."""

    name = "mixup"
    card = TrickCard(
        summary="Trains on mixtures of two examples.",
        source="Zhang, Cisse, Dauphin and Lopez-Paz, mixup, 2018, arXiv 1710.09412",
    )
    spreads_targets = True

    strength: float = hyper(1.0, legal=Range(0, 1), says="twice the largest share given away; 0 mixes nothing")

    def edit_batch(self, batch: Batch, memory: Memory, at: Moment) -> Batch:
        if self.strength == 0:
            return batch
        return mix_batch(batch, draw_mix(len(batch), self.strength, at.rng()))
