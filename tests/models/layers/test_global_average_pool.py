"""Global average-pooling."""

import torch

from luthier.models.layers import GlobalAveragePool


def test_each_map_becomes_its_mean(noise):
    x = noise(2, 3, 5, 7)
    torch.testing.assert_close(GlobalAveragePool().build((3, 5, 7))(x), x.mean((2, 3)))


def test_rows_have_no_maps(refusal):
    assert refusal(GlobalAveragePool(), (5,)).startswith("global-average-pool needs pictures (C, H, W)")
