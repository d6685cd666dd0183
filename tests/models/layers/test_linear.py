"""Full connection."""

import torch

from luthier.models.layers import Linear


def test_it_acts_on_the_last_axis(noise):
    x, layer = noise(2, 7, 3), Linear(units=5).build((7, 3)).double()
    expected = torch.einsum("btf,uf->btu", x, layer.weight) + layer.bias
    torch.testing.assert_close(layer(x), expected)
