"""Adam whose first steps wait for the variance."""

from collections.abc import Sequence

import torch

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.groups import ParameterGroup
from luthier.optim.optimizers.optimizer import Optimizer


class RAdam(Optimizer):
    """Plain momentum until the squared gradient is known well enough, then rectified Adam; decay is decoupled."""

    name = "radam"
    card = Card(
        summary="Adam that begins as plain momentum until its variance is known; weight decay is decoupled.",
        source="Liu, Jiang, He, Chen, Liu, Gao and Han, On the variance of the adaptive learning rate and beyond, "
        "2020, arXiv 1908.03265",
    )

    learning_rate: float = hyperparameter(
        0.01,
        bounds=Range(0),
        search=Search(1e-4, 1e-1, log=True),
        description="size of a step before the schedule; 0 learns nothing",
    )
    weight_decay: float = hyperparameter(
        0.0,
        bounds=Range(0),
        search=Search(1e-4, 1.0, log=True),
        description="shrinking of the weights, biases and norms spared; 0 is none",
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
        return torch.optim.RAdam(
            self._torch_groups(groups),
            betas=(self.beta1, self.beta2),
            eps=self.epsilon,
            decoupled_weight_decay=True,
        )
