"""Stochastic gradient descent."""

from collections.abc import Sequence

import torch

from luthier.core.card import Card
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
