"""The contract: groups of PyTorch, and parts that are fused so that a bad step can be skipped on the device."""

import pytest
import torch
from torch import nn

from luthier.data import load
from luthier.optim import OPTIMIZERS, ParameterGroup
from luthier.recipe.read import read_recipe
from luthier.testing.compare import CPU
from luthier.testing.training import prepare_recipe, start_training

WAIT = {"lion", "muon", "nadam", "radam", "rmsprop"}
"""Optimizers without a fused kernel."""


@pytest.mark.parametrize("name", OPTIMIZERS.members)
def test_groups_keep_rate_decay_and_names(name):
    first, second = nn.Parameter(torch.ones(2, 3)), nn.Parameter(torch.ones(5))
    groups = [ParameterGroup({"a.weight": first}, rate=0.25), ParameterGroup({"b": second}, rate=2.0, decays=False)]
    built = OPTIMIZERS.members[name](learning_rate=0.4, weight_decay=0.3).build(groups)
    found = [
        (group["params"], group["param_names"], group["lr"], group["weight_decay"]) for group in built.param_groups
    ]
    assert [(one[1], one[2], one[3]) for one in found] == [(["a.weight"], 0.1, 0.3), (["b"], 0.8, 0.0)]
    assert found[0][0][0] is first
    assert found[1][0][0] is second
    assert getattr(built, "_step_supports_amp_scaling", False) == (name not in WAIT)


@pytest.mark.parametrize("name", OPTIMIZERS.members)
def test_digits_are_learned_at_the_default_rate(name):
    """Chance is 0.10; what they reach in these two epochs was 0.86 to 0.97."""
    training = {"epochs": 2, "batch_size": 64}
    one = start_training(
        lambda: prepare_recipe(read_recipe({"optimizer": name, "training": training}), load("digits"), CPU).trainer
    )
    assert one.advance().rows[-1]["accuracy"] > 0.7
