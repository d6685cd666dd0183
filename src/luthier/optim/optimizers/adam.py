"""Adaptive moment estimation."""

from collections.abc import Sequence

import torch

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.groups import ParameterGroup
from luthier.optim.optimizers.optimizer import Optimizer


class Adam(Optimizer):
    """Steps scaled by running moments of the gradient; weight decay is added to the gradient (coupled)."""

    name = "adam"
    card = Card(
        summary="Steps scaled by running moments of the gradient; weight decay is coupled.",
        source="Kingma and Ba, Adam: a method for stochastic optimization, 2015, arXiv 1412.6980",
    )

    learning_rate: float = hyperparameter(
        0.004,
        bounds=Range(0),
        search=Search(1e-4, 1e-1, log=True),
        description="size of a step before the schedule; 0 learns nothing",
    )
    beta1: float = hyperparameter(
        0.9, bounds=Range(0, 1, high_open=True), description="memory of the mean gradient; 0 forgets at once"
    )
    beta2: float = hyperparameter(
        0.999, bounds=Range(0, 1, high_open=True), description="memory of the squared gradient; 0 forgets at once"
    )
    epsilon: float = hyperparameter(
        1e-8, bounds=Range(0, low_open=True), description="added to the root of the squared gradient"
    )

    def build(self, groups: Sequence[ParameterGroup]) -> torch.optim.Optimizer:
        betas = (self.beta1, self.beta2)
        return torch.optim.Adam(self._torch_groups(groups), betas=betas, eps=self.epsilon, fused=True)
