"""Steps divided by the root of all squared gradients so far."""

from collections.abc import Sequence

import torch

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyper
from luthier.optim.groups import ParameterGroup
from luthier.optim.optimizers.optimizer import Optimizer


class Adagrad(Optimizer):
    """Each step is divided by the root of the sum of all squared gradients; weight decay is coupled."""

    name = "adagrad"
    card = Card(
        summary="Steps divided by the root of the sum of all squared gradients; weight decay is coupled.",
        source="Duchi, Hazan and Singer, Adaptive subgradient methods for online learning and stochastic optimization, "
        "2011",
    )

    learning_rate: float = hyper(
        0.02,
        legal=Range(0),
        search=Search(1e-3, 1.0, log=True),
        says="size of a step before the schedule; 0 learns nothing",
    )
    initial: float = hyper(0.0, legal=Range(0), says="sum of squares to begin with; 0 makes the first step the longest")
    epsilon: float = hyper(1e-10, legal=Range(0, low_open=True), says="added to the root of the sum of squares")

    def build(self, groups: Sequence[ParameterGroup]) -> torch.optim.Optimizer:
        fused = all(one.is_cpu for group in groups for one in group.parameters.values())  # Apple's devices have no such
        return torch.optim.Adagrad(
            self._torch_groups(groups), initial_accumulator_value=self.initial, eps=self.epsilon, fused=fused
        )
