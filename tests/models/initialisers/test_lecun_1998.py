"""The paper's initialisation: uniform between -2.4 / fan-in and +2.4 / fan-in."""

import pytest
import torch

from luthier.core.rng import generator
from luthier.models import LeNet51998
from luthier.models.initialisers import LeCun1998, initialise_

FANS = {"c1": 25, "s2": 4, "c5": 400, "f6": 120, "s4": 4}


def test_range_and_shape():
    drawn = LeCun1998().draw(torch.Size((200, 300)), 8, 5, generator(0, "x")).double() / (2.4 / 8)
    assert -1 <= float(drawn.min()) < -0.999
    assert 0.999 < float(drawn.max()) <= 1
    assert abs(float(drawn.mean())) < 0.01
    assert float(drawn.square().mean()) == pytest.approx(1 / 3, abs=0.01)


@pytest.fixture
def network():
    network = LeNet51998().build((1, 32, 32), 10)
    initialise_(network, LeCun1998(), 0)
    return network


@pytest.mark.parametrize("layer", FANS)
def test_every_parameter_lies_in_its_range(network, layer):
    for one in getattr(network, layer).parameters():
        limit = 2.4 / FANS[layer]
        assert limit / 10 < float(one.detach().abs().max()) <= limit


def test_rows_of_c3_have_ranges_of_their_own(network):
    for kernels, fan in zip(network.c3.weight.detach().split([18, 36, 6]), (75, 100, 150), strict=True):
        assert 0.95 * 2.4 / fan < float(kernels.abs().max()) <= 2.4 / fan
    biases = zip(network.c3.bias.tolist(), [75] * 6 + [100] * 9 + [150], strict=True)
    assert all(0 < abs(one) <= 2.4 / fan for one, fan in biases)
