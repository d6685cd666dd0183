"""Which parameters decay."""

import pytest
import torch
from torch import nn

from luthier.models import LeNet51998
from luthier.optim import group_parameters


def names(network):
    return [(sorted(group.parameters), group.rate, group.decays) for group in group_parameters(network)]


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
    assert len(group_parameters(nn.Linear(5, 7, bias=bias))) == 1 + bias
    assert group_parameters(nn.ReLU()) == ()


def test_embeddings_stand_apart():
    network = nn.Sequential(nn.Embedding(7, 5), nn.EmbeddingBag(3, 2), nn.Linear(5, 11))
    found = [(sorted(group.parameters), group.decays, group.embedding) for group in group_parameters(network)]
    assert found == [
        (["2.weight"], True, False),
        (["0.weight", "1.weight"], True, True),
        (["2.bias"], False, False),
    ]


class Scaled(nn.Module):
    """A layer that owns a parameter and holds another layer."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.inner = nn.Linear(3, 5, bias=False)


def test_rates_fall_from_layer_to_layer_below_the_last():
    network = nn.Sequential(nn.Conv2d(2, 3, 2), nn.BatchNorm2d(3), nn.ReLU(), Scaled(), nn.Linear(5, 7))
    found = [(sorted(group.parameters), group.rate, group.decays) for group in group_parameters(network, 0.5)]
    assert found == [
        (["4.weight"], 1.0, True),
        (["4.bias"], 1.0, False),
        (["3.inner.weight"], 0.5, True),
        (["3.scale"], 0.25, False),
        (["1.bias", "1.weight"], 0.125, False),
        (["0.weight"], 0.0625, True),
        (["0.bias"], 0.0625, False),
    ]


def test_a_frozen_layer_keeps_its_place():
    network = nn.Sequential(*(nn.Linear(3, 3, bias=False) for _ in range(3)))
    network[1].requires_grad_(False)
    assert [group.rate for group in group_parameters(network, 0.5)] == [1.0, 0.25]


def test_one_layer_or_none_has_one_rate():
    assert [group.rate for group in group_parameters(nn.Linear(5, 7), 0.5)] == [1.0, 1.0]
    assert group_parameters(nn.ReLU(), 0.5) == ()
