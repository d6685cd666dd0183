"""Full connection."""

import torch

from luthier.models.activations import LeakyReLU
from luthier.models.layers import ActivationLayer, Embedding, Flatten, Linear, SparseLinear


def test_it_acts_on_the_last_axis(noise):
    x, layer = noise(2, 7, 3), Linear(units=5).build((7, 3)).double()
    expected = torch.einsum("btf,uf->btu", x, layer.weight) + layer.bias
    torch.testing.assert_close(layer(x), expected)


def test_it_is_the_function_that_it_holds(noise):
    x = noise(2, 3, 5)
    assert torch.equal(ActivationLayer().build((3, 5))(x), x.clamp(min=0))
    layer = ActivationLayer(function=LeakyReLU(slope=0.25)).build((3, 5))
    assert torch.equal(layer(x), torch.where(x > 0, x, x / 4))


def test_each_token_takes_its_row():
    layer = Embedding(tokens=7, width=3).build((5,))
    tokens = torch.tensor([[0, 6, 6, 1, 3], [5, 4, 0, 2, 2]])
    assert torch.equal(layer(tokens.float()), layer.weight[tokens])


def test_only_the_rows_of_tokens_that_came_learn():
    layer = Embedding(tokens=7, width=3).build((2,))
    layer(torch.tensor([[1.0, 4.0]])).sum().backward()
    assert layer.weight.grad.sum(1).tolist() == [0, 3, 0, 0, 3, 0, 0]


def test_only_rows_hold_tokens(refusal):
    wrong = "embedding needs rows of tokens (T,), but gets shape"
    assert refusal(Embedding(), (7, 5)) == f"{wrong} (7, 5); put it first, or take it out"
    assert refusal(Embedding(), (1, 7, 5)) == f"{wrong} (1, 7, 5); pictures hold none, so take it out"


def test_the_last_axis_is_the_fastest():
    x = torch.arange(210.0).view(2, 3, 5, 7)
    assert torch.equal(Flatten().build((3, 5, 7))(x), torch.arange(210.0).view(2, 105))
    assert torch.equal(Flatten().build((7,))(x[:, 0, 0]), x[:, 0, 0])


def test_it_stores_as_many_weights_as_it_has_connections():
    layer = SparseLinear(units=5, fan_in=3).build((7, 11))
    assert sum(one.numel() for one in layer.parameters()) == 5 * 3 + 5


def test_more_inputs_than_there_are_are_refused(refusal):
    assert refusal(SparseLinear(fan_in=8), (7,)) == (
        "sparse-linear.fan_in must be at most the 7 values that there are, but got 8; set fan_in = 7 or less"
    )
