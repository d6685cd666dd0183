"""Initialisation of whole networks: fans, streams by name, what is left alone."""

import pytest
import torch
from torch import nn

from luthier.core.card import Card
from luthier.core.rng import generator
from luthier.models import LeNet51998
from luthier.models.initialisers import HeNormal, Initialiser, LeCun1998, initialise_
from luthier.testing.compare import difference
from luthier.testing.training import copy_weights


class Fans(Initialiser):
    """Writes down fan-in times 1000 plus fan-out, so that a test can read them from the weights."""

    name = "fans"
    card = Card(summary="Fans.", source="tests")
    biases = True

    def draw(self, shape, fan_in, fan_out, rng):
        return (torch.as_tensor(fan_in) * 1000 + torch.as_tensor(fan_out)).expand(shape).float()


CASES = {
    "linear": (nn.Linear(5, 7), 5, 7),
    "convolution": (nn.Conv2d(3, 5, (2, 3)), 3 * 6, 5 * 6),
    "one dimension": (nn.Conv1d(3, 5, 4), 12, 20),
    "groups": (nn.Conv2d(6, 4, 3, groups=2), 3 * 9, 2 * 9),
    "depthwise": (nn.Conv2d(6, 6, 3, groups=6), 9, 9),
}


@pytest.mark.parametrize("case", CASES)
def test_fans(case):
    """An output sees the inputs of its group only, and an input feeds the outputs of its group only."""
    layer, into, out = CASES[case]
    initialise_(layer, Fans(), 0)
    assert layer.weight.unique().tolist() == [into * 1000 + out]
    assert layer.bias.unique().tolist() == [into * 1000 + out]


def test_transposed_convolutions_swap_their_fans():
    """The weight of a transposed convolution is stored as (in, out, k, k)."""
    layer = nn.ConvTranspose2d(3, 5, 2)
    initialise_(layer, Fans(), 0)
    assert layer.weight.unique().tolist() == [3 * 4 * 1000 + 5 * 4]


def test_fans_of_a_layer_with_a_table():
    """Rows of three, four and six maps have fans of 75, 100 and 150."""
    network = LeNet51998().build((1, 32, 32), 10)
    initialise_(network, Fans(), 0)
    into = torch.div(network.c3.weight[:, 0, 0], 1000, rounding_mode="floor").tolist()
    assert into == [75] * 18 + [100] * 36 + [150] * 6
    assert torch.div(network.s2.weight, 1000, rounding_mode="floor").tolist() == [4] * 6


def test_each_parameter_draws_from_the_stream_of_its_name():
    network = nn.Sequential()
    network.add_module("first", nn.Linear(3, 5))
    initialise_(network, HeNormal(), 11)
    rng = generator(11, "initialise/first.weight")
    assert torch.equal(network.first.weight, HeNormal().draw(torch.Size((5, 3)), 3, 5, rng))


@pytest.mark.parametrize("initialiser", [HeNormal(), LeCun1998()])
def test_a_further_layer_moves_no_other_layers_draws(initialiser):
    small, large = nn.Sequential(), nn.Sequential()
    large.add_module("before", nn.Linear(3, 3))
    for network in (small, large):
        network.add_module("conv", nn.Conv2d(2, 5, 3))
        network.add_module("full", nn.Linear(7, 3))
    large.add_module("after", nn.Linear(3, 2))
    for network in (small, large):
        initialise_(network, initialiser, 3)
    for name, one in small.state_dict().items():
        assert torch.equal(one, large.state_dict()[name]), name


def test_seeds_and_names_give_other_draws():
    made = []
    for seed, name in ((0, "a"), (1, "a"), (0, "b")):
        network = nn.Sequential()
        network.add_module(name, nn.Linear(3, 5))
        initialise_(network, HeNormal(), seed)
        made.append(network[0].weight)
    assert not torch.equal(made[0], made[1])
    assert not torch.equal(made[0], made[2])


def test_biases_start_at_zero_and_norms_as_built():
    network = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.Embedding(4, 2))
    before = copy_weights(network)
    initialise_(network, HeNormal(), 0)
    after = copy_weights(network)
    assert after["0.bias"].tolist() == [0] * 5
    for one in (before, after):
        one.pop("0.bias")
        one.pop("0.weight")
    assert difference(before, after) is None


def test_parameters_that_are_no_weight_and_no_bias_stay_as_built():
    layer = nn.Linear(3, 5)
    layer.register_parameter("scale", nn.Parameter(torch.full((5,), 0.25)))
    initialise_(layer, LeCun1998(), 0)
    assert layer.scale.tolist() == [0.25] * 5


def test_the_global_generator_is_left_alone():
    network = nn.Linear(3, 5)
    before = torch.get_rng_state()
    initialise_(network, HeNormal(), 0)
    assert torch.equal(before, torch.get_rng_state())
