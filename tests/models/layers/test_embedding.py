"""Embedding, against taking rows of the table."""

import torch

from luthier.models.layers import Embedding


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
