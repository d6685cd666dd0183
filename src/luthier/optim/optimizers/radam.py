"""Adam whose first steps wait for the variance."""

from collections.abc import Sequence

import torch

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyper
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

    learning_rate: float = hyper(
        0.01,
        legal=Range(0),
        search=Search(1e-4, 1e-1, log=True),
        says="size of a step before the schedule; 0 learns nothing",
    )
    weight_decay: float = hyper(
        0.0,
        legal=Range(0),
        search=Search(1e-4, 1.0, log=True),
        says="shrinking of the weights, biases and norms spared; 0 is none",
    )
    beta1: float = hyper(0.9, legal=Range(0, 1, high_open=True), says="memory of the mean gradient; 0 forgets at once")
    beta2: float = hyper(
        0.999, legal=Range(0, 1, high_open=True), says="memory of the squared gradient; 0 forgets at once"
    )
    epsilon: float = hyper(1e-8, legal=Range(0, low_open=True), says="added to the root of the squared gradient")

    def build(self, groups: Sequence[ParameterGroup]) -> torch.optim.Optimizer:
        return torch.optim.RAdam(
            self._torch_groups(groups),
            betas=(self.beta1, self.beta2),
            eps=self.epsilon,
            decoupled_weight_decay=True,
        )
