"""The convolution with a connection table, against a dense one whose absent kernels are zero."""

import pytest
import torch
import torch.nn.functional as F

from luthier.core.rng import generator
from luthier.models.modules import TableConv2d
from luthier.models.modules.lenet_1998 import C3_TABLE

TABLES = {"small": [(0, 1), (2,), (0, 2)], "c3": C3_TABLE, "unsorted": [(3, 1), (0,), (2, 0, 3)]}


def filled(table, kernel):
    layer = TableConv2d(table, kernel)
    for one in layer.parameters():
        one.data = torch.randn(one.shape, generator=generator(0, "weights")).double()
    return layer


def dense(layer, table):
    """Kernels (M, C, k, k), put in place one by one."""
    kernels = torch.zeros(len(table), layer.inputs, *layer.weight.shape[1:], dtype=torch.float64)
    pairs = [(row, column) for row, columns in enumerate(table) for column in columns]
    for number, (row, column) in enumerate(pairs):
        kernels[row, column] = layer.weight[number].detach()
    return kernels


@pytest.mark.parametrize("name", TABLES)
def test_forward_is_that_of_the_dense_layer(name):
    table = TABLES[name]
    layer = filled(table, 5)
    x = torch.randn(2, layer.inputs, 9, 11, generator=generator(0, "x")).double()
    torch.testing.assert_close(layer(x), F.conv2d(x, dense(layer, table), layer.bias), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", TABLES)
def test_gradient_is_that_of_the_dense_layer_under_the_mask(name):
    table = TABLES[name]
    layer = filled(table, 3)
    kernels = dense(layer, table).requires_grad_()
    x = torch.randn(2, layer.inputs, 5, 7, generator=generator(0, "x")).double()
    layer(x).square().sum().backward()
    F.conv2d(x, kernels, layer.bias.detach()).square().sum().backward()
    pairs = [(row, column) for row, columns in enumerate(table) for column in columns]
    expected = torch.stack([kernels.grad[pair] for pair in pairs])
    torch.testing.assert_close(layer.weight.grad, expected, rtol=1e-12, atol=1e-12)


def test_an_output_sees_only_what_its_row_names():
    layer = filled([(0, 1), (2,)], 3)
    x = torch.zeros(1, 3, 5, 5, dtype=torch.float64)
    before = layer(x)
    x[:, 2] = 1
    after = layer(x)
    assert torch.equal(before[:, 0], after[:, 0])
    assert not torch.equal(before[:, 1], after[:, 1])


def test_only_connections_are_stored():
    layer = TableConv2d(C3_TABLE, 5)
    assert layer.weight.shape == (60, 5, 5)
    assert list(layer.state_dict()) == ["weight", "bias"]


def test_fans_of_each_kernel():
    """Into a kernel's unit come all kernels of its row; out of its input go all kernels of its column."""
    layer = TableConv2d([(0, 1), (2,), (0, 2), (0,)], 5)
    into, uses = layer.fans()["weight"]
    assert into.flatten().tolist() == [50, 50, 25, 50, 50, 25]
    assert uses.flatten().tolist() == [75, 25, 50, 75, 50, 75]
    assert [one.tolist() for one in layer.fans()["bias"]] == [[50, 25, 50, 25]] * 2
