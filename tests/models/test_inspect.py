"""Networks without numbers."""

import pytest
import torch
from torch import nn

from luthier.models import LSTM, LeNet51998
from luthier.models.inspect import Unfilled, make_hollow
from luthier.testing.material import SmallNet

NETWORKS = [SmallNet(), LeNet51998().build((1, 32, 32), 10), LSTM().build((7, 3), 5)]


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: type(network).__name__)
def test_a_hollow_copy_has_the_same_shapes_and_no_numbers(network):
    before = {name: one.clone() for name, one in network.state_dict().items()}
    copy = make_hollow(network)
    assert {one.device.type for one in (*copy.parameters(), *copy.buffers())} == {"meta"}
    assert [(name, one.shape, one.dtype) for name, one in copy.state_dict().items()] == [
        (name, one.shape, one.dtype) for name, one in network.state_dict().items()
    ]
    assert [one.requires_grad for one in copy.parameters()] == [one.requires_grad for one in network.parameters()]
    assert all(torch.equal(one, before[name]) for name, one in network.state_dict().items())


def test_tied_weights_stay_tied():
    network = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    network[1].weight = network[0].weight
    copy = make_hollow(network)
    assert copy[1].weight is copy[0].weight


def test_nothing_is_drawn_while_networks_stay_unfilled():
    before = torch.get_rng_state()
    with Unfilled():
        nn.Conv2d(3, 5, 7)
        nn.Linear(3, 5)
    assert torch.equal(torch.get_rng_state(), before)
    nn.Linear(3, 5)
    assert not torch.equal(torch.get_rng_state(), before)
