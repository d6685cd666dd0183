"""Which parameters decay."""

import pytest
from torch import nn

from luthier.models import LeNet51998
from luthier.optim import parameter_groups


def names(network):
    return [(sorted(group.parameters), group.rate, group.decays) for group in parameter_groups(network)]


def test_weights_decay_and_biases_and_norms_do_not():
    network = nn.Sequential(nn.Conv2d(2, 3, 2), nn.BatchNorm2d(3), nn.Linear(5, 7))
    spared = ["0.bias", "1.bias", "1.weight", "2.bias"]
    assert names(network) == [(["0.weight", "2.weight"], 1.0, True), (spared, 1.0, False)]


def test_coefficients_of_the_paper_are_spared_like_norms():
    (decaying, _, _), (spared, _, _) = names(LeNet51998().build((1, 32, 32), 10))
    assert decaying == ["c1.weight", "c3.weight", "c5.weight", "f6.weight"]
    assert [name for name in spared if name.startswith("s")] == ["s2.bias", "s2.weight", "s4.bias", "s4.weight"]


def test_what_is_frozen_is_in_no_group():
    network = nn.Linear(5, 7)
    network.weight.requires_grad_(False)
    assert names(network) == [(["bias"], 1.0, False)]


@pytest.mark.parametrize("bias", [True, False])
def test_empty_groups_are_left_out(bias):
    assert len(parameter_groups(nn.Linear(5, 7, bias=bias))) == 1 + bias
    assert parameter_groups(nn.ReLU()) == ()
