"""Mixup: Zhang, Cisse, Dauphin and Lopez-Paz, mixup: beyond empirical risk minimization, 2018."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.errors import BadInput
from luthier.training.trick import Setup, StepContext, Trick, TrickState


@dataclass(frozen=True)
class Mix:
    """Share that each example keeps (B,), and the example that gives the rest (B,)."""

    kept: Tensor
    partner: Tensor


def draw_mix(count: int, alpha: float, context: StepContext) -> Mix:
    """Draw a share from Beta(alpha, alpha) and a partner for each example."""
    with context.seed_draws("mix"):
        return Mix(draw_shares(count, alpha), torch.randperm(count))


def draw_shares(count: int, alpha: float) -> Tensor:
    """Draw from Beta(alpha, alpha), by the logarithms of gammas, as gammas themselves are 0 where alpha is small.

    >>> sorted(set(draw_shares(99, 1e-9).tolist()))
    [0.0, 1.0]
    """
    above = torch.distributions.Gamma(torch.tensor(alpha + 1, dtype=torch.float64), 1).sample((2, count)).log()
    logs = above + (1 - torch.rand(2, count, dtype=torch.float64)).log() / alpha
    return (logs[0] - logs[1]).sigmoid().float()


def mix_batch(values: Tensor, mix: Mix) -> Tensor:
    """Mix each example (B, ...) with its partner: its share of itself, the rest of the partner.

    >>> mix_batch(torch.tensor([[1.0], [3.0]]), Mix(torch.tensor([0.75, 1.0]), torch.tensor([1, 0])))
    tensor([[1.5000],
            [3.0000]])
    """
    kept = mix.kept.to(values).view(-1, *[1] * (values.ndim - 1))
    return kept * values + (1 - kept) * values[mix.partner.to(values.device)]


class Mixup(Trick):
    """Train on mixtures of two examples, inputs and targets alike; values are mixed as classes are."""

    name = "mixup"
    card = TrickCard(
        summary="Trains on mixtures of two examples and of their targets.",
        source="Zhang, Cisse, Dauphin and Lopez-Paz, mixup: beyond empirical risk minimization, 2018, arXiv 1710.09412",
        cost="one pass over the batch; more epochs pay",
        claim="PreAct ResNet-18 on CIFAR-10 from 5.6% to 4.2% error",
    )
    spreads_targets = True

    alpha: float = hyperparameter(
        0.4, bounds=Range(0), search=Search(0.1, 1.0),
        description="evenness of the mixtures; 0 mixes nothing, 1 draws all shares alike, large values mix half and "
        "half",
    )  # fmt: skip

    def setup(self, value: Setup, context: StepContext) -> Setup:
        if self.alpha and any(isinstance(module, nn.Embedding | nn.EmbeddingBag) for module in value.network.modules()):
            raise BadInput(
                f"tricks.{self.name} mixes numbers, but the network looks its inputs up in a table; take the trick out"
            )
        return value

    def edit_batch(self, batch: Batch, trick_state: TrickState, context: StepContext) -> Batch:
        if self.alpha == 0:
            return batch
        mix = draw_mix(len(batch), self.alpha, context)
        assert isinstance(batch.inputs, Tensor)
        return batch.replace(inputs=mix_batch(batch.inputs, mix), target=mix_batch(batch.target, mix))
