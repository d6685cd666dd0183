"""Batch normalisation, against its formula."""

import pytest
import torch

from luthier.models.layers import BatchNorm, GroupNorm, LayerNorm, LocalResponseNorm

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


def test_each_group_of_an_example_has_mean_0_and_variance_1(noise):
    x = noise(2, 6, 5, 7) * 3 + 2
    parts = x.view(2, 3, 70)
    expected = (parts - parts.mean(2, keepdim=True)) / (parts.var(2, correction=0, keepdim=True) + 1e-5).sqrt()
    torch.testing.assert_close(GroupNorm(groups=3).build((6, 5, 7)).double()(x), expected.view_as(x))


def test_groups_must_divide_the_maps(refusal):
    assert refusal(GroupNorm(), (6, 5, 7)) == (
        "group-norm.groups must divide the 6 maps, but got 32; set for example groups = 6"
    )


@pytest.mark.parametrize(("shape", "axes"), [((3, 5, 7), (1, 2, 3)), ((7, 5), (2,)), ((5,), (1,))])
def test_what_is_normalised_together(noise, shape, axes):
    """All of a picture or a row, and each step of a sequence."""
    x = noise(2, *shape) * 3 + 2
    mean, variance = x.mean(axes, keepdim=True), x.var(axes, correction=0, keepdim=True)
    torch.testing.assert_close(LayerNorm().build(shape).double()(x), (x - mean) / (variance + 1e-5).sqrt())


def test_it_is_the_formula_of_the_paper(noise):
    """Krizhevsky, Sutskever and Hinton, 2012, section 3.3: the sum runs over n / 2 maps to both sides."""
    x = noise(2, 7, 3, 5)
    found = LocalResponseNorm(size=3, alpha=0.3, beta=0.6, k=1.5).build((7, 3, 5))(x)
    for one in range(7):
        near = x[:, max(0, one - 1) : min(6, one + 1) + 1]
        expected = x[:, one] / (1.5 + 0.3 * near.square().sum(1)) ** 0.6
        torch.testing.assert_close(found[:, one], expected)


def test_rows_have_no_maps(refusal):
    assert refusal(LocalResponseNorm(), (5,)).startswith("local-response-norm needs pictures (C, H, W)")
    assert torch.equal(LocalResponseNorm(beta=0.0).build((1, 2, 2))(torch.ones(1, 1, 2, 2)), torch.ones(1, 1, 2, 2))
