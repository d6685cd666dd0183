"""Lookahead: Zhang, Lucas, Hinton and Ba, Lookahead optimizer: k steps forward, 1 step back, 2019."""

import torch
from torch import nn

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.training.trick import Outcome, StepContext, Trick, TrickState
from luthier.training.tricks.weights import average_weights, copy_weights, copy_with_weights


class Lookahead(Trick):
    """Let the optimizer take some steps, then go back to a point on the way; evaluate and keep these slow weights.

    The optimizer's own momenta stay as they are.
    """

    name = "lookahead"
    card = TrickCard(
        summary="Lets the optimizer run ahead, then goes part of the way.",
        source="Zhang, Lucas, Hinton and Ba, Lookahead optimizer: k steps forward, 1 step back, 2019, arXiv 1907.08610",
        cost="one more copy of the weights",
        claim="ResNet-18 on CIFAR-10 from 95.23% to 95.27%; less sensitive to the rate",
    )

    every: int = hyperparameter(
        5, bounds=Range(1), search=Search(2, 20), description="steps ahead; 1 only shortens each step"
    )
    share: float = hyperparameter(
        0.5, bounds=Range(0, 1, low_open=True), search=Search(0.2, 0.8),
        description="share of the way that is gone; near 0 hardly moves, 1 is the optimizer alone",
    )  # fmt: skip

    def begin(self, network: nn.Module, context: StepContext) -> TrickState:
        return {"slow": copy_weights(network)}

    def after_step(self, trick_state: TrickState, batch: Batch, outcome: Outcome, context: StepContext) -> TrickState:
        if (context.step + 1) % self.every or self.share == 1:
            return trick_state
        network = context.training.network
        slow = average_weights(trick_state["slow"], network, self.share)
        with torch.no_grad():
            for name, parameter in network.named_parameters():
                parameter.copy_(slow[name])
        return {"slow": slow}

    def eval_model(self, network: nn.Module, trick_state: TrickState, context: StepContext) -> nn.Module:
        if context.step % self.every == 0 or self.share == 1:
            return network
        return copy_with_weights(network, trick_state["slow"])
