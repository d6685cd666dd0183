"""Steps of one size along the sign of the momentum."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.groups import ParameterGroup
from luthier.optim.optimizers.optimizer import Optimizer


class Lion(Optimizer):
    """Every weight moves by the learning rate, along the sign of a mean gradient; decay is decoupled.

    The authors advise a learning rate 3 to 10 times smaller than for AdamW, and a decay larger by as much.

    >>> weight = torch.nn.Parameter(torch.tensor([[1.0, 2.0]]))
    >>> weight.grad = torch.tensor([[0.3, -70.0]])
    >>> Lion(learning_rate=0.5).build([ParameterGroup({"weight": weight})]).step()
    >>> weight.tolist()
    [[0.5, 2.5]]
    """

    name = "lion"
    card = Card(
        summary="Steps of one size along the sign of the momentum; weight decay is decoupled.",
        source="Chen, Liang, Huang, Real, Wang, Liu, Pham, Dong, Luong, Hsieh, Lu and Le, Symbolic discovery of "
        "optimization algorithms, 2023, arXiv 2302.06675",
    )

    learning_rate: float = hyperparameter(
        0.001,
        bounds=Range(0),
        search=Search(1e-5, 1e-2, log=True),
        description="size of every step before the schedule; 0 learns nothing",
    )
    weight_decay: float = hyperparameter(
        0.0,
        bounds=Range(0),
        search=Search(1e-4, 10.0, log=True),
        description="shrinking of the weights, biases and norms spared; 0 is none",
    )
    beta1: float = hyperparameter(
        0.9,
        bounds=Range(0, 1, high_open=True),
        description="weight of the memory in a step; 0 follows the newest gradient",
    )
    beta2: float = hyperparameter(
        0.99, bounds=Range(0, 1, high_open=True), description="memory of the gradient; 0 forgets at once"
    )

    def build(self, groups: Sequence[ParameterGroup]) -> torch.optim.Optimizer:
        return SignDescent(self._torch_groups(groups), self.beta1, self.beta2)


class SignDescent(torch.optim.Optimizer):
    """The updates of Lion, which PyTorch lacks."""

    def __init__(self, groups: list[dict[str, Any]], beta1: float, beta2: float) -> None:
        super().__init__(groups, {"beta1": beta1, "beta2": beta2})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]  # its result is not used
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._move(parameter, parameter.grad, group)

    def _move(self, parameter: torch.Tensor, grad: torch.Tensor, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        if not state:
            state["mean"] = torch.zeros_like(parameter)
        direction = state["mean"].lerp(grad, 1 - group["beta1"]).sign_()
        parameter.mul_(1 - group["lr"] * group["weight_decay"]).sub_(direction, alpha=group["lr"])
        state["mean"].lerp_(grad, 1 - group["beta2"])
