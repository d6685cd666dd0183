"""The contract of a sampler."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from luthier.core.declare import Part


@dataclass(frozen=True)
class Seen:
    """What the loop knows of the M training examples, by position.

    label: true class (M,), or values (M, D). loss: last loss (M,), infinite where an example was not seen yet; kept up
    only for samplers that say uses_losses. weight: how much each counts (M,), above 0, all 1 where the data do not say.
    """

    label: Tensor
    loss: Tensor
    weight: Tensor


class Sampler(Part):
    """Orders the training examples of one epoch.

    uses_losses: it orders by the last losses. uses_weights: it draws by the weights, and the loss then leaves them out.
    needs_classes: it cannot order examples whose labels are values.
    """

    uses_losses: ClassVar[bool] = False
    uses_weights: ClassVar[bool] = False
    needs_classes: ClassVar[bool] = False

    def length(self, examples: int) -> int:
        """How many positions an epoch's order has, given M examples."""
        return examples

    def order(self, epoch: int, seen: Seen, rng: torch.Generator) -> Tensor:
        """Give the positions (length,) in the order of their use, on the CPU; every draw comes from rng."""
        raise NotImplementedError
