"""Gradual unfreezing: what is frozen stays to the bit, under every kind of optimizer."""

from itertools import pairwise

import pytest
import torch

from luthier.testing import check_trick
from luthier.testing.training import prepared, start_training
from luthier.training.tricks import GradualUnfreezing
from luthier.training.tricks.gradual_unfreezing import find_thawed

from ...contracts.toys.spy import Spy

OPTIMIZERS = {
    "adamw": {"name": "adamw", "weight_decay": 0.3},
    "momentum": {"name": "momentum", "learning_rate": 0.05, "weight_decay": 0.3},
    "sgd": {"name": "sgd", "learning_rate": 0.05, "weight_decay": 0.3},
}
LENET = {"model": "lenet5", "data": {"size": 14}}
LAYERS = ["conv1", "conv2", "full1", "full2", "output"]
STEPS = 5


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_frozen_layers_are_bit_equal(optimizer):
    spy = Spy()
    tricks = [spy, GradualUnfreezing(pace=2)]
    one = start_training(lambda: prepared({**LENET, "optimizer": OPTIMIZERS[optimizer], "tricks": tricks}).trainer)
    before = {name: each.detach().clone() for name, each in one.trainer.network.named_parameters()}
    one.advance()
    ends = [before, *spy.weights[STEPS - 1 :: STEPS]]
    moved = [
        [layer for layer in LAYERS if not torch.equal(old[f"body.{layer}.weight"], new[f"body.{layer}.weight"])]
        for old, new in pairwise(ends)
    ]
    assert moved == [LAYERS[3:], LAYERS[1:], LAYERS]
    biases = [
        layer for layer in LAYERS if not torch.equal(ends[0][f"body.{layer}.bias"], ends[1][f"body.{layer}.bias"])
    ]
    assert biases == LAYERS[3:]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_it_resumes_where_some_parameters_have_no_state_yet(optimizer):
    check_trick(GradualUnfreezing(), off=GradualUnfreezing(pace=0), recipe={"optimizer": OPTIMIZERS[optimizer]})


def test_thawed():
    names = ["a.weight", "a.bias", "b.c.weight", "d.weight", "d.bias"]
    assert find_thawed(names, 1) == {"d.weight", "d.bias"}
    assert find_thawed(names, 2) == {"b.c.weight", "d.weight", "d.bias"}
    assert find_thawed(names, 9) == set(names)
