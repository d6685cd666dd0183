"""Euclidean outputs against torch.cdist, and the codes."""

import math

import pytest
import torch
import torch.nn.functional as F

from luthier.core.errors import BadInput
from luthier.core.rng import generator
from luthier.models.modules import EuclideanRBF, ScaledTanh, TableConv2d, TrainableSubsampling
from luthier.models.modules.lenet_1998 import C3_TABLE, make_class_codes

F6 = 84


@pytest.mark.parametrize(("features", "classes"), [(F6, 13), (5, 7)])
def test_against_cdist(features, classes):
    layer = EuclideanRBF(features, classes).double()
    x = torch.randn(11, features, generator=generator(0, "x")).double()
    torch.testing.assert_close(layer(x), -torch.cdist(x, layer.codes).square(), rtol=1e-9, atol=1e-9)


def test_any_two_of_the_first_84_codes_differ_in_42_places():
    codes = make_class_codes(F6, 84)
    distances = (codes[:, None] != codes).sum(2)
    assert torch.equal(distances, 42 * (1 - torch.eye(84, dtype=torch.int64)))


def test_the_next_84_are_the_same_negated():
    codes = make_class_codes(F6, 168)
    assert torch.equal(codes[84:], -codes[:84])
    assert int((codes[:, None] != codes).sum(2).fill_diagonal_(F6).min()) == 42


@pytest.mark.parametrize("classes", [3, 10, 168, 200, 1000])
def test_all_codes_are_different_signs(classes):
    codes = make_class_codes(F6, classes)
    assert codes.shape == (classes, F6)
    assert set(codes.unique().tolist()) == {-1, 1}
    assert len(codes.unique(dim=0)) == classes


def test_codes_are_the_same_for_ever_and_whatever_the_number_of_classes():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        assert torch.equal(make_class_codes(F6, 200)[:10], make_class_codes(F6, 10))
        assert torch.equal(make_class_codes(F6, 1000)[:200], make_class_codes(F6, 200))


def test_few_features_serve_all_their_codes():
    assert len(make_class_codes(3, 8).unique(dim=0)) == 8


def test_more_classes_than_codes_are_refused():
    with pytest.raises(BadInput) as caught:
        make_class_codes(3, 9)
    assert str(caught.value) == "3 signs make 8 different codes, but 9 classes need one each; use more features"


def test_nothing_is_trained_but_the_codes_are_kept():
    layer = EuclideanRBF(F6, 10)
    assert list(layer.parameters()) == []
    assert list(layer.state_dict()) == ["codes"]


def test_values():
    x = torch.tensor([-30.0, -1.0, 0.0, 0.5, 1.0, 30.0], dtype=torch.float64)
    found = ScaledTanh()(x)
    torch.testing.assert_close(found, torch.tensor([1.7159 * math.tanh(2 * float(v) / 3) for v in x]).double())
    assert abs(float(found[4]) - 1) < 1e-4
    assert abs(float(found[1]) + 1) < 1e-4


def test_curvature_is_largest_at_one():
    """The paper: the second derivative's extremes are at +1 and -1 (to two figures)."""
    x = torch.linspace(0, 3, 3001, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(ScaledTanh()(x).sum(), x, create_graph=True)
    (curvature,) = torch.autograd.grad(slope.sum(), x)
    assert float(x.detach()[curvature.abs().argmax()]) == pytest.approx(1, abs=0.02)


def looped(x, weight, bias):
    count, maps, height, width = x.shape
    result = torch.zeros(count, maps, height // 2, width // 2, dtype=x.dtype)
    for b in range(count):
        for c in range(maps):
            for i in range(height // 2):
                for j in range(width // 2):
                    block = x[b, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
                    result[b, c, i, j] = sum(block.flatten().tolist()) * weight[c] + bias[c]
    return result


def test_against_loops():
    """An odd last row or column is left out, as in the loops."""
    layer = TrainableSubsampling(3).double()
    layer.weight.data = torch.tensor([0.5, -1.0, 2.0]).double()
    layer.bias.data = torch.tensor([0.1, 0.0, -3.0]).double()
    x = torch.randn(2, 3, 7, 10, generator=generator(0, "x")).double()
    with torch.no_grad():
        torch.testing.assert_close(layer(x), looped(x, layer.weight, layer.bias), rtol=1e-12, atol=1e-12)


def test_parameters_and_fans():
    layer = TrainableSubsampling(6)
    assert sum(one.numel() for one in layer.parameters()) == 12
    assert layer.fans() == {"weight": (4.0, 1.0), "bias": (4.0, 1.0)}


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
