"""Embedding of numbers that come as floats."""

import torch

from luthier.models.modules import TokenEmbedding


def test_floats_that_hold_whole_numbers_are_numbers():
    layer = TokenEmbedding(30_000, 2)
    assert torch.equal(layer(torch.tensor([[29_999.0, 16_777.0]]))[0], layer.weight[[29_999, 16_777]])
