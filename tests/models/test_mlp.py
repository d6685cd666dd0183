"""The multilayer perceptron."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from luthier.models import MLP, SoftmaxRegression


@pytest.mark.parametrize(("depth", "sizes"), [(0, [77, 13]), (1, [77, 5, 13]), (3, [77, 5, 5, 5, 13])])
def test_layers(depth, sizes):
    network = MLP(depth=depth, width=5).build((7, 11), 13)
    layers = [(one.in_features, one.out_features) for one in network if isinstance(one, nn.Linear)]
    assert layers == list(pairwise(sizes))
    assert sum(isinstance(one, nn.ReLU) for one in network) == depth
    assert isinstance(network[-1], nn.Linear)


def test_it_is_the_formula():
    network = MLP(depth=1, width=5).build((3,), 2)
    x = torch.tensor([[1.0, -2.0, 0.5], [0.0, 3.0, 1.0]])
    first, last = network[1], network[3]
    expected = (x @ first.weight.T + first.bias).clamp(min=0) @ last.weight.T + last.bias
    torch.testing.assert_close(network(x), expected)


def test_pictures_are_rows_of_pixels():
    network = MLP(depth=2, width=4).build((3, 5, 7), 2)
    x = torch.arange(210.0).view(2, 3, 5, 7)
    torch.testing.assert_close(network(x), network(x.flatten(1)))


def test_norm_and_dropout_stand_before_and_behind_the_activation():
    network = MLP(depth=2, width=6, norm="batch", dropout=0.25).build((5,), 3)
    kinds = [type(one).__name__ for one in network]
    hidden = ["Linear", "BatchNorm1d", "ReLU", "Dropout"]
    assert kinds == ["Flatten", *hidden, *hidden, "Linear"]
    assert network[4].p == 0.25


def test_it_is_a_linear_function_of_rows_and_pictures():
    network = SoftmaxRegression().build((2, 3, 5), 7)
    x = torch.rand(4, 2, 3, 5)
    torch.testing.assert_close(network(x), x.flatten(1) @ network[1].weight.T + network[1].bias)


def test_it_is_the_mlp_without_hidden_layers():
    ours, other = (one.build((5,), 3) for one in (SoftmaxRegression(), MLP(depth=0)))
    other.load_state_dict(ours.state_dict())
    x = torch.rand(4, 5)
    assert torch.equal(ours(x), other(x))
