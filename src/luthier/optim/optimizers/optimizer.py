"""The contract of an optimizer."""

from collections.abc import Sequence
from typing import Any

import torch

from luthier.core.declare import Part, Range, Search, hyperparameter
from luthier.optim.groups import ParameterGroup


class Optimizer(Part):
    """Declares an optimizer; `build` makes PyTorch's own for the given groups.

    `layer_decay` acts before: the groups that tricks are shown and `build` is given have their rates already.
    """

    learning_rate: float = hyperparameter(
        0.1,
        bounds=Range(0),
        search=Search(1e-4, 1.0, log=True),
        description="size of a step before the schedule; 0 learns nothing",
    )
    weight_decay: float = hyperparameter(
        0.0,
        bounds=Range(0),
        search=Search(1e-6, 1e-1, log=True),
        description="pull of the weights towards zero, biases and norms spared; 0 is none",
    )
    layer_decay: float = hyperparameter(
        1.0,
        bounds=Range(0, 1, low_open=True),
        search=Search(0.5, 1.0),
        description="factor on the learning rate per layer below the last; near 0 trains the last layer alone, 1 all "
        "alike",
    )

    def build(self, groups: Sequence[ParameterGroup]) -> torch.optim.Optimizer:
        """Make the optimizer; it honours each group's `rate` and `decays`."""
        raise NotImplementedError

    def _torch_groups(self, groups: Sequence[ParameterGroup]) -> list[dict[str, Any]]:
        return [
            {
                "params": list(group.parameters.items()),
                "lr": self.learning_rate * group.rate,
                "weight_decay": self.weight_decay if group.decays else 0.0,
            }
            for group in groups
        ]
