"""Steps divided by the root of squared gradients: RMSprop's mean of them, Adagrad's sum."""

from collections.abc import Sequence

import torch

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.groups import ParameterGroup
from luthier.optim.optimizers.optimizer import Optimizer


class RMSprop(Optimizer):
    """Each step is divided by the root of the running mean of the squared gradient; weight decay is coupled."""

    name = "rmsprop"
    card = Card(
        summary="Steps divided by the running root mean square of the gradient; weight decay is coupled.",
        source="Tieleman and Hinton, Lecture 6.5, RMSProp: divide the gradient by a running average of its recent "
        "magnitude, 2012",
    )

    learning_rate: float = hyperparameter(
        0.002,
        bounds=Range(0),
        search=Search(1e-5, 1e-1, log=True),
        description="size of a step before the schedule; 0 learns nothing",
    )
    memory: float = hyperparameter(
        0.9,
        bounds=Range(0, 1, low_open=True, high_open=True),
        description="memory of the squared gradient; near 0 forgets at once, which leaves steps of one size",
    )
    momentum: float = hyperparameter(
        0.0,
        bounds=Range(0, 1, high_open=True),
        search=Search(0.0, 0.95),
        description="share of the velocity of the divided steps kept; 0 has none",
    )
    centred: bool = hyperparameter(
        False, description="whether the squared mean is taken off the mean square, leaving the variance"
    )
    epsilon: float = hyperparameter(
        1e-8, bounds=Range(0, low_open=True), description="added to the root of the squared gradient"
    )

    def build(self, groups: Sequence[ParameterGroup]) -> torch.optim.Optimizer:
        return torch.optim.RMSprop(
            self._torch_groups(groups),
            alpha=self.memory,
            momentum=self.momentum,
            centered=self.centred,
            eps=self.epsilon,
        )


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
        fused = all(
            parameter.is_cpu for group in groups for parameter in group.parameters.values()
        )  # Apple's devices have no such
        return torch.optim.Adagrad(
            self._torch_groups(groups), initial_accumulator_value=self.initial, eps=self.epsilon, fused=fused
        )
