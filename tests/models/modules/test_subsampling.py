"""Trainable subsampling against plain loops."""

import torch

from luthier.core.rng import generator
from luthier.models.modules import TrainableSubsampling


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
