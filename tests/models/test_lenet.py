"""LeNet-5 as it is built today."""

import pytest
import torch

from luthier.core.errors import BadInput
from luthier.models import LeNet5

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
    message = "lenet5 needs pictures of at least 12 pixels a side, but got 28x11; set data.size = 12 or more"
    assert str(caught.value) == message


def test_rows_are_refused():
    with pytest.raises(BadInput) as caught:
        LeNet5().build((64,), 10)
    assert str(caught.value) == "lenet5 needs pictures, but an example has shape (64,); use --model mlp for rows"
