"""Dropout of single values."""

import torch

from luthier.models.layers import Dropout


def test_a_share_is_left_out_and_the_rest_raised_to_keep_the_mean():
    layer, x = Dropout(rate=0.2).build((1000,)), torch.ones(20, 1000)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        found = layer(x)
    assert set(found.unique().tolist()) == {0.0, 1.25}
    assert abs((found == 0).double().mean().item() - 0.2) < 0.01  # 3.5 standard errors
    assert torch.equal(layer.eval()(x), x)
