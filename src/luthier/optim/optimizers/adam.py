"""Adam and its kin: AdamW, NAdam, RAdam."""

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


class AdamW(Optimizer):
    """Steps scaled by running moments of the gradient; weights shrink by rate x decay per step (decoupled)."""

    name = "adamw"
    card = Card(
        summary="Adam with decoupled weight decay.",
        source="Loshchilov and Hutter, Decoupled weight decay regularization, 2019, arXiv 1711.05101",
    )

    learning_rate: float = hyperparameter(
        0.004,
        bounds=Range(0),
        search=Search(1e-4, 1e-1, log=True),
        description="size of a step before the schedule; 0 learns nothing",
    )
    weight_decay: float = hyperparameter(
        0.01,
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
        betas = (self.beta1, self.beta2)
        return torch.optim.AdamW(self._torch_groups(groups), betas=betas, eps=self.epsilon, fused=True)


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
