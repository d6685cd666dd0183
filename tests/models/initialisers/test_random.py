"""He's initialisation: variance 2 / fan-in, the bell curve, per kernel where the fans differ."""

import math

import pytest
import torch

from luthier.core.rng import generator
from luthier.models import LeNet51998
from luthier.models.initialisers import HeNormal, LeCun1998, initialise_


@pytest.mark.parametrize(("fan_in", "fan_out"), [(3, 50), (400, 7)])
def test_variance_follows_the_fan_in_alone(fan_in, fan_out):
    drawn = HeNormal().draw(torch.Size((200, 300)), fan_in, fan_out, generator(0, "x")).double()
    count, sigma = drawn.numel(), math.sqrt(2 / fan_in)
    assert abs(float(drawn.mean())) < 5 * sigma / math.sqrt(count)
    assert float(drawn.std()) == pytest.approx(sigma, rel=5 / math.sqrt(2 * count))
    within = float((drawn.abs() < sigma).double().mean())
    assert within == pytest.approx(math.erf(math.sqrt(0.5)), abs=0.01)


def test_each_kernel_by_its_own_fan():
    shape, fans = torch.Size((3, 100, 100)), torch.tensor([2.0, 50.0, 800.0]).view(3, 1, 1)
    drawn = HeNormal().draw(shape, fans, torch.ones(3, 1, 1), generator(0, "x"))
    assert drawn.std((1, 2)).tolist() == pytest.approx([1.0, 0.2, 0.05], rel=0.05)


def test_rows_of_c3():
    network = LeNet51998().build((1, 32, 32), 10)
    initialise_(network, HeNormal(), 0)
    groups = network.c3.weight.detach().split([18, 36, 6])
    expected = [math.sqrt(2 / fan) for fan in (75, 100, 150)]
    assert [float(group.std()) for group in groups] == pytest.approx(expected, rel=0.2)
    assert network.c3.bias.tolist() == [0] * 16


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
