"""Branches side by side."""

import torch
from torch import nn

from luthier.models.modules import Parallel


def test_the_maps_of_the_branches_follow_one_another():
    x = torch.rand(2, 3, 5, 7) - 0.5
    found = Parallel(nn.ReLU(), nn.Conv2d(3, 4, 1), nn.Identity())(x)
    assert found.shape == (2, 10, 5, 7)
    assert torch.equal(found[:, :3], x.clamp(min=0)) and torch.equal(found[:, 7:], x)
