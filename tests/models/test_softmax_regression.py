"""Softmax regression."""

import torch

from luthier.models import MLP, SoftmaxRegression


def test_it_is_a_linear_function_of_rows_and_pictures():
    network = SoftmaxRegression().build((2, 3, 5), 7)
    x = torch.rand(4, 2, 3, 5)
    torch.testing.assert_close(network(x), x.flatten(1) @ network[1].weight.T + network[1].bias)


def test_it_is_the_mlp_without_hidden_layers():
    ours, other = (one.build((5,), 3) for one in (SoftmaxRegression(), MLP(depth=0)))
    other.load_state_dict(ours.state_dict())
    x = torch.rand(4, 5)
    assert torch.equal(ours(x), other(x))
