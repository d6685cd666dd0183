"""Orthogonal matrices: along the shorter side, group by group, evenly over all directions."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from luthier.core.rng import generator
from luthier.models import LeNet51998
from luthier.models.initialisers import LSUV, Orthogonal, initialise_

LAYERS = {
    "wide": (nn.Linear(11, 5), 1),
    "tall": (nn.Linear(5, 11), 1),
    "square": (nn.Linear(7, 7), 1),
    "kernels": (nn.Conv2d(3, 5, (2, 3)), 1),
    "groups": (nn.Conv2d(6, 4, 3, groups=2), 2),
    "depthwise": (nn.Conv1d(13, 26, 3, groups=13), 13),
    "transposed": (nn.ConvTranspose2d(3, 5, 2), 1),
    "transposed groups": (nn.ConvTranspose2d(6, 10, 2, groups=2), 2),
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("gain", [1.0, 1.5])
def test_orthonormal_along_the_shorter_side_of_each_group(name, gain):
    layer, groups = LAYERS[name]
    initialise_(layer, Orthogonal(gain=gain), 0)
    matrices = layer.weight.detach().flatten(1).view(groups, layer.weight.shape[0] // groups, -1)
    for one in matrices:
        short = one if one.shape[0] <= one.shape[1] else one.T
        torch.testing.assert_close(short @ short.T, gain**2 * torch.eye(len(short)), rtol=1e-5, atol=1e-6)


def test_all_directions_alike():
    """QR alone would prefer one sign in the first entry."""
    first = [Orthogonal().draw(torch.Size((3, 3)), 3, 3, generator(seed, "x"))[0, 0] for seed in range(300)]
    values = torch.stack(first)
    assert abs(float(values.mean())) < 0.15
    assert float(values.square().mean()) == pytest.approx(1 / 3, abs=0.06)


def test_weights_that_are_no_matrix_are_normal():
    network = LeNet51998().build((1, 32, 32), 10)
    initialise_(network, Orthogonal(), 0)
    assert float(network.c3.weight[:18].detach().std()) == pytest.approx(75**-0.5, rel=0.1)
    assert network.s2.weight.unique().numel() == 6


INPUTS = torch.rand(29, 6, 9, 11, generator=generator(0, "pictures"))


def started(network, inputs):
    initialise_(network, LSUV(), 0)
    LSUV().adapt(network, inputs, generator(0, "adapt"))
    return network.eval()


def network():
    return nn.Sequential(
        nn.Conv2d(6, 8, 3, stride=2, groups=2), nn.BatchNorm2d(8), nn.ReLU(), nn.ConvTranspose2d(8, 3, 2),
        nn.Tanh(), nn.Dropout(), nn.Flatten(), nn.Linear(90, 7), nn.ReLU(), nn.Linear(7, 5),
    )  # fmt: skip


@pytest.mark.parametrize("last", [0, 3, 7, 9])
def test_every_layer_has_outputs_of_variance_1(last):
    outputs = started(network(), INPUTS)[: last + 1](INPUTS).detach()
    assert float(outputs.var(correction=0)) == pytest.approx(1, rel=1e-4)


def test_directions_are_orthogonal_ones():
    one, other = started(network(), INPUTS), network()
    initialise_(other, Orthogonal(), 0)
    for name, weight in one.named_parameters():
        if name.endswith("weight") and weight.ndim > 1:
            expected = other.get_parameter(name).detach().flatten()
            torch.testing.assert_close(F.normalize(weight.detach().flatten(), dim=0), F.normalize(expected, dim=0))


def test_layers_with_fans_of_their_own():
    body = LeNet51998().build((1, 32, 32), 10)
    pictures = torch.rand(17, 1, 32, 32, generator=generator(0, "digits"))
    started(body, pictures)
    for last in (1, 3, 5, 7, 9, 12):
        assert float(body[:last](pictures).detach().var(correction=0)) == pytest.approx(1, rel=1e-3)


def test_outputs_that_are_all_alike_stay():
    """Where one number is all that comes out, rounding aside."""
    drawn = started(nn.Linear(3, 1), torch.zeros(7, 3)).weight
    for inputs in (torch.zeros(999, 3), torch.rand(1, 3, generator=generator(0, "x")) + torch.zeros(999, 3)):
        assert torch.equal(started(nn.Linear(3, 1), inputs).weight, drawn)
