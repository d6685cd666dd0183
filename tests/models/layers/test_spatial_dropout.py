"""Dropout of whole maps."""

import torch

from luthier.models.layers import SpatialDropout


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
