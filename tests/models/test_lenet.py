"""LeNet-5 as it is built today."""

import pytest
import torch
from torch import nn

from luthier.core.errors import BadInput
from luthier.models import LeNet5
from luthier.models.activations import ACTIVATIONS, Activation

COUNTS = {"conv1": 156, "conv2": 2416, "full1": 48_120, "full2": 10_164, "output": 850}


def test_parameters_of_each_layer():
    network = LeNet5().build((1, 28, 28), 10)
    found = {name: sum(one.numel() for one in layer.parameters()) for name, layer in network.named_children()}
    assert {name: count for name, count in found.items() if count} == COUNTS
    assert sum(COUNTS.values()) == 61_706


def test_maps_of_28_pixels_are_those_of_the_papers_32():
    network = LeNet5().build((1, 28, 28), 10)
    shapes = []
    for layer in network:
        layer.register_forward_hook(lambda layer, args, output: shapes.append(tuple(output.shape[1:])))
    network(torch.zeros(1, 1, 28, 28))
    maps = [shape for shape in shapes if len(shape) == 3]
    assert list(dict.fromkeys(maps)) == [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5)]
    assert shapes[-1] == (10,)


@pytest.mark.parametrize("side", range(12, 41))
def test_every_side_it_takes(side):
    network = LeNet5().build((3, side, side), 13)
    assert network(torch.zeros(2, 3, side, side)).shape == (2, 13)
    assert network.conv1.padding == ((2, 2) if side < 32 else (0, 0))


@pytest.mark.parametrize(("height", "width"), [(12, 40), (31, 17), (33, 31)])
def test_sides_that_differ(height, width):
    assert LeNet5().build((2, height, width), 7)(torch.zeros(5, 2, height, width)).shape == (5, 7)


def test_too_small_is_refused():
    with pytest.raises(BadInput) as caught:
        LeNet5().build((1, 28, 11), 10)
    message = (
        "lenet5 needs pictures of at least 12 pixels a side, but got 28x11, of which nothing is left after pool2; "
        "set data.size = 12 or more"
    )
    assert str(caught.value) == message


def test_rows_are_refused():
    with pytest.raises(BadInput) as caught:
        LeNet5().build((64,), 10)
    assert str(caught.value) == "lenet5 needs pictures, but an example has shape (64,); use --model mlp for rows"


class Bump(Activation):
    """Neither rises nor falls: large values become small."""

    name = "bump"

    def build(self):
        return nn.Softsign()


def names(**settings):
    return [name for name, _ in LeNet5(**settings).build((1, 28, 28), 10).named_children()]


def test_a_monotone_activation_comes_after_the_pooling_and_another_before():
    assert names()[:3] == ["conv1", "pool1", "activation1"]
    assert names(activation=Bump())[:3] == ["conv1", "activation1", "pool1"]
    assert names(activation=Bump(), norm="batch")[:4] == ["conv1", "norm1", "activation1", "pool1"]
    assert names(norm="batch")[:4] == ["conv1", "norm1", "pool1", "activation1"]


@pytest.mark.parametrize("activation", [one() for one in ACTIVATIONS if one.monotone], ids=lambda one: one.name)
def test_the_order_makes_no_difference_to_monotone_activations(activation):
    x = torch.randn(3, 6, 28, 26, generator=torch.Generator().manual_seed(0)) * 4
    apply, pool = activation.build(), nn.MaxPool2d(2)
    torch.testing.assert_close(apply(pool(x)), pool(apply(x)), rtol=1e-6, atol=0)  # vectorised code rounds by place


def test_width_dropout_and_norm():
    network = LeNet5(width=2, dropout=0.3, norm="group").build((3, 28, 28), 7)
    assert (network.conv1.out_channels, network.conv2.out_channels) == (12, 32)
    assert (network.full1.out_features, network.full2.out_features) == (240, 168)
    assert (network.norm2.num_groups, network.norm2.num_channels, network.norm3.num_channels) == (32, 32, 240)
    assert [name for name, one in network.named_children() if isinstance(one, nn.Dropout)] == ["dropout1", "dropout2"]
    assert network.dropout1.p == 0.3
    assert names(dropout=0.0, norm="none") == names()
