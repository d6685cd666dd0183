"""Matrices move along their orthogonalised momentum, the rest by AdamW."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.optim.groups import ParameterGroup
from luthier.optim.optimizers.optimizer import Optimizer


class Muon(Optimizer):
    """Matrices move along their orthogonalised momentum, the rest by AdamW; decay is decoupled for both.

    Muon takes the weights of linear, recurrent and convolutional layers, a kernel flattened to (outputs, rest), the
    first and the last layer included. AdamW takes what has one axis, biases and norms, and what a group calls an
    embedding. A step of Muon is scaled to the usual length of one of AdamW, so that both share one learning rate
    (Liu et al., Muon is scalable for LLM training, 2025, arXiv 2502.16982).

    >>> layer = nn.Conv2d(1, 6, 5)
    >>> built = Muon().build([ParameterGroup({"weight": layer.weight, "bias": layer.bias})])
    >>> [(group["param_names"], group["matrices"]) for group in built.param_groups]
    [(['weight'], True), (['bias'], False)]
    """

    name = "muon"
    card = Card(
        summary="Matrices move along their orthogonalised momentum, the rest by AdamW; weight decay is decoupled.",
        source="Jordan, Jin, Boza, You, Cesista, Newhouse and Bernstein, Muon: an optimizer for hidden layers in "
        "neural networks, 2024",
    )

    learning_rate: float = hyperparameter(
        0.01,
        bounds=Range(0),
        search=Search(1e-4, 1e-1, log=True),
        description="size of a step before the schedule; 0 learns nothing",
    )
    weight_decay: float = hyperparameter(
        0.1,
        bounds=Range(0),
        search=Search(1e-4, 1.0, log=True),
        description="shrinking of the weights, biases and norms spared; 0 is none",
    )
    momentum: float = hyperparameter(
        0.95,
        bounds=Range(0, 1, high_open=True),
        search=Search(0.8, 0.99),
        description="memory of a matrix's mean gradient, which looks one step ahead; 0 forgets at once",
    )
    iterations: int = hyperparameter(
        5, bounds=Range(1, 99), description="rounds of orthogonalisation; 1 hardly changes the gradient, 99 costs most"
    )
    beta1: float = hyperparameter(
        0.9, bounds=Range(0, 1, high_open=True), description="AdamW's memory of the mean gradient; 0 forgets at once"
    )
    beta2: float = hyperparameter(
        0.95,
        bounds=Range(0, 1, high_open=True),
        description="AdamW's memory of the squared gradient; 0 forgets at once",
    )
    epsilon: float = hyperparameter(
        1e-8, bounds=Range(0, low_open=True), description="added by AdamW to the root of the squared gradient"
    )

    def build(self, groups: Sequence[ParameterGroup]) -> torch.optim.Optimizer:
        matrices = self._torch_groups(_choose(groups, matrices=True))
        rest = self._torch_groups(_choose(groups, matrices=False))
        muon = {"momentum": self.momentum, "ns_steps": self.iterations, "adjust_lr_fn": "match_rms_adamw"}
        adamw = {"betas": (self.beta1, self.beta2), "eps": self.epsilon, "fused": True}
        return MuonAndAdamW(matrices, rest, muon, adamw)


def _choose(groups: Sequence[ParameterGroup], matrices: bool) -> list[ParameterGroup]:
    """Take from each group the part for Muon, or that for AdamW, without groups that are then empty."""
    chosen = []
    for group in groups:
        named = {
            name: parameter
            for name, parameter in group.parameters.items()
            if (parameter.ndim > 1 and not group.embedding) == matrices
        }
        chosen += [replace(group, parameters=named)] if named else []
    return chosen


class MuonAndAdamW(torch.optim.Optimizer):
    """PyTorch's two optimizers behind one set of groups and one state."""

    def __init__(
        self,
        matrices: list[dict[str, Any]],
        rest: list[dict[str, Any]],
        muon: dict[str, Any],
        adamw: dict[str, Any],
    ) -> None:
        marked = [{**one, "matrices": True} for one in matrices]
        super().__init__([*marked, *({**one, "matrices": False, "fused": True} for one in rest)], {})
        wide, narrow = self.param_groups[: len(matrices)], self.param_groups[len(matrices) :]
        self.flat = {
            parameter: nn.Parameter(parameter.detach().flatten(1).clone())
            for group in wide
            for parameter in group["params"]
        }
        flattened = [{"params": [self.flat[parameter] for parameter in group["params"]]} for group in wide]
        self.muon = torch.optim.Muon(flattened, **muon) if wide else None
        self.adamw = torch.optim.AdamW([{"params": group["params"]} for group in narrow], **adamw) if narrow else None

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]  # its result is not used
        self._pass_on_rates()
        if self.muon:
            self._step_flat(self.muon)
        if self.adamw:
            self.adamw.state = self.state  # loading a state puts another dict in its place
            self.adamw.step()

    def _pass_on_rates(self) -> None:
        inner = [group for one in (self.muon, self.adamw) if one for group in one.param_groups]
        for ours, theirs in zip(self.param_groups, inner, strict=True):
            theirs.update(lr=ours["lr"], weight_decay=ours["weight_decay"])

    def _step_flat(self, muon: torch.optim.Optimizer) -> None:
        """Step on flat copies: kernels with channels last cannot be viewed as matrices of that order."""
        moving = {one: flat for one, flat in self.flat.items() if one.grad is not None}
        for one, flat in self.flat.items():
            flat.grad = None if one.grad is None else one.grad.flatten(1)
        for one, flat in moving.items():
            flat.copy_(one.flatten(1))
            muon.state[flat] = self.state[one]
        muon.step()
        for one, flat in moving.items():
            one.copy_(flat.view(one.shape))
