"""Group normalisation, against its formula."""

import torch

from luthier.models.layers import GroupNorm


def test_each_group_of_an_example_has_mean_0_and_variance_1(noise):
    x = noise(2, 6, 5, 7) * 3 + 2
    parts = x.view(2, 3, 70)
    expected = (parts - parts.mean(2, keepdim=True)) / (parts.var(2, correction=0, keepdim=True) + 1e-5).sqrt()
    torch.testing.assert_close(GroupNorm(groups=3).build((6, 5, 7)).double()(x), expected.view_as(x))


def test_groups_must_divide_the_maps(refusal):
    assert refusal(GroupNorm(), (6, 5, 7)) == (
        "group-norm.groups must divide the 6 maps, but got 32; set for example groups = 6"
    )
