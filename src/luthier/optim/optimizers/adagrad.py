"""Steps divided by the root of all squared gradients so far."""

from collections.abc import Sequence

import torch

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
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

    learning_rate: float = hyperparameter(
        0.02,
        bounds=Range(0),
        search=Search(1e-3, 1.0, log=True),
        description="size of a step before the schedule; 0 learns nothing",
    )
    initial: float = hyperparameter(
        0.0, bounds=Range(0), description="sum of squares to begin with; 0 makes the first step the longest"
    )
    epsilon: float = hyperparameter(
        1e-10, bounds=Range(0, low_open=True), description="added to the root of the sum of squares"
    )

    def build(self, groups: Sequence[ParameterGroup]) -> torch.optim.Optimizer:
        fused = all(one.is_cpu for group in groups for one in group.parameters.values())  # Apple's devices have no such
        return torch.optim.Adagrad(
            self._torch_groups(groups), initial_accumulator_value=self.initial, eps=self.epsilon, fused=fused
        )
