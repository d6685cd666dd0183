"""Adam with Nesterov momentum."""

from collections.abc import Sequence

import torch

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.groups import ParameterGroup
from luthier.optim.optimizers.optimizer import Optimizer


class NAdam(Optimizer):
    """Adam that looks ahead along its own momentum, which rises slowly; weight decay is coupled."""

    name = "nadam"
    card = Card(
        summary="Adam with Nesterov momentum; weight decay is coupled.",
        source="Dozat, Incorporating Nesterov momentum into Adam, 2016",
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
    momentum_decay: float = hyperparameter(
        0.004, bounds=Range(0), description="how fast the momentum rises from half of beta1 to beta1; 0 stays at half"
    )

    def build(self, groups: Sequence[ParameterGroup]) -> torch.optim.Optimizer:
        return torch.optim.NAdam(
            self._torch_groups(groups),
            betas=(self.beta1, self.beta2),
            eps=self.epsilon,
            momentum_decay=self.momentum_decay,
        )
