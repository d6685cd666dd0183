"""Stochastic gradient descent: plain, with momentum, with Nesterov's momentum."""

from collections.abc import Sequence
from typing import ClassVar

import torch

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.groups import ParameterGroup
from luthier.optim.optimizers.optimizer import Optimizer


class SGD(Optimizer):
    """Against the gradient of the batch; weight decay is added to the gradient (coupled)."""

    name = "sgd"
    card = Card(
        summary="Stochastic gradient descent without momentum; weight decay is coupled.",
        source="Robbins and Monro, A stochastic approximation method, 1951",
    )

    def build(self, groups: Sequence[ParameterGroup]) -> torch.optim.Optimizer:
        return torch.optim.SGD(self._torch_groups(groups), fused=True)


class Momentum(Optimizer):
    """The velocity is momentum times itself plus the gradient; weight decay is added to the gradient (coupled)."""

    name = "momentum"
    card = Card(
        summary="Stochastic gradient descent with momentum; weight decay is coupled.",
        source="Polyak, Some methods of speeding up the convergence of iteration methods, 1964",
    )
    looks_ahead: ClassVar[bool] = False

    learning_rate: float = hyperparameter(
        0.02,
        bounds=Range(0),
        search=Search(1e-3, 0.5, log=True),
        description="size of a step before the schedule; 0 learns nothing",
    )
    momentum: float = hyperparameter(
        0.9,
        bounds=Range(0, 1, high_open=True),
        search=Search(0.5, 0.99),
        description="share of the velocity kept; 0 is plain descent",
    )

    def build(self, groups: Sequence[ParameterGroup]) -> torch.optim.Optimizer:
        built = torch.optim.SGD(
            self._torch_groups(groups), momentum=self.momentum, nesterov=self.looks_ahead, fused=True
        )
        if self.momentum > 0:  # PyTorch's fused kernel fails where some parameters have a velocity and others none yet
            for group in groups:
                for parameter in group.parameters.values():
                    built.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
        return built


class Nesterov(Momentum):
    """Momentum whose step looks one velocity ahead; weight decay is added to the gradient (coupled)."""

    name = "nesterov"
    card = Card(
        summary="Stochastic gradient descent with Nesterov momentum; weight decay is coupled.",
        source="Sutskever, Martens, Dahl and Hinton, On the importance of initialization and momentum in deep "
        "learning, 2013",
    )
    looks_ahead: ClassVar[bool] = True

    learning_rate: float = hyperparameter(
        0.02,
        bounds=Range(0),
        search=Search(1e-3, 0.5, log=True),
        description="size of a step before the schedule; 0 learns nothing",
    )
    momentum: float = hyperparameter(
        0.9,
        bounds=Range(0, 1, low_open=True, high_open=True),
        search=Search(0.5, 0.99),
        description="share of the velocity kept; near 0 is plain descent, for which there is sgd",
    )
