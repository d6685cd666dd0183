"""Batch normalisation, against its formula."""

import torch

from luthier.models.layers import BatchNorm

EPSILON = 1e-5


def test_each_map_is_brought_to_mean_0_and_variance_1_over_the_batch(noise):
    x = noise(5, 3, 7, 11) * 3 + 2
    found = BatchNorm().build((3, 7, 11)).double()(x)
    mean, variance = x.mean((0, 2, 3), keepdim=True), x.var((0, 2, 3), correction=0, keepdim=True)
    torch.testing.assert_close(found, (x - mean) / (variance + EPSILON).sqrt())


def test_each_column_of_rows_too(noise):
    x = noise(5, 3) * 3 + 2
    found = BatchNorm().build((3,)).double()(x)
    torch.testing.assert_close(found, (x - x.mean(0)) / (x.var(0, correction=0) + EPSILON).sqrt())


def test_momentum_is_the_share_of_the_newest_batch(noise):
    x = noise(5, 3, 7, 11) + 2
    layer = BatchNorm(momentum=0.25).build((3, 7, 11)).double()
    layer(x)
    torch.testing.assert_close(layer.running_mean, x.mean((0, 2, 3)) / 4)


def test_sequences_are_refused(refusal):
    assert refusal(BatchNorm(), (7, 5)) == (
        "batch-norm needs pictures or rows, but gets shape (7, 5); use layer-norm for sequences"
    )
