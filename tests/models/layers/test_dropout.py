"""Dropout of single values."""

import torch

from luthier.models.layers import Dropout, SpatialDropout


def test_a_share_is_left_out_and_the_rest_raised_to_keep_the_mean():
    layer, x = Dropout(rate=0.2).build((1000,)), torch.ones(20, 1000)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        found = layer(x)
    assert set(found.unique().tolist()) == {0.0, 1.25}
    assert abs((found == 0).double().mean().item() - 0.2) < 0.01  # 3.5 standard errors
    assert torch.equal(layer.eval()(x), x)


def test_maps_are_left_out_as_a_whole():
    layer, x = SpatialDropout(rate=0.5).build((50, 3, 5)), torch.ones(20, 50, 3, 5)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        found = layer(x)
    assert torch.equal(found, found[:, :, :1, :1].expand_as(found))
    assert set(found.unique().tolist()) == {0.0, 2.0}
    assert abs((found[:, :, 0, 0] == 0).double().mean().item() - 0.5) < 0.055  # 3.5 standard errors
    assert torch.equal(layer.eval()(x), x)


def test_rows_have_no_maps(refusal):
    assert refusal(SpatialDropout(), (5,)).startswith("spatial-dropout needs pictures (C, H, W)")
