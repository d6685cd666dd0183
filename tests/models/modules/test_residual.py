"""The sum of a branch and its shortcut."""

import torch
from torch import nn

from luthier.models.modules import PaddedShortcut, Residual


def test_the_sum_and_what_follows():
    x = torch.tensor([[1.0, -3.0]])
    assert Residual(nn.ReLU(), nn.Identity())(x).tolist() == [[2.0, -3.0]]
    assert Residual(nn.ReLU(), nn.Identity(), nn.ReLU())(x).tolist() == [[2.0, 0.0]]


def test_the_padded_shortcut_takes_every_second_pixel_and_adds_zeros():
    x = torch.arange(2 * 3 * 5 * 7.0).view(2, 3, 5, 7)
    found = PaddedShortcut(stride=2, more=4)(x)
    assert found.shape == (2, 7, 3, 4)
    assert torch.equal(found[:, :3], x[:, :, [0, 2, 4]][..., [0, 2, 4, 6]])
    assert not found[:, 3:].any()


def test_a_shortcut_of_stride_1_and_no_more_maps_changes_nothing():
    x = torch.rand(2, 3, 5, 7)
    assert torch.equal(PaddedShortcut(stride=1, more=0)(x), x)
