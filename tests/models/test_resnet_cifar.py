"""The ResNets for small pictures: depth, maps, and the two shortcuts."""

import pytest
import torch
from torch import nn

from luthier.models import ResNet20, ResNet32, ResNet56
from luthier.models.modules import PaddedShortcut, Residual


@pytest.mark.parametrize(("member", "depth", "weighted"), [(ResNet20, 3, 20), (ResNet32, 5, 32), (ResNet56, 9, 56)])
def test_depth(member, depth, weighted):
    network = member(width=0.2).build((3, 32, 32), 10)
    assert sum(isinstance(one, nn.Conv2d | nn.Linear) for one in network.modules()) == weighted
    assert [len(stage) for stage in (network.stage1, network.stage2, network.stage3)] == [depth] * 3


def test_depth_can_be_set():
    same = ResNet20(depth=5).build((3, 32, 32), 10), ResNet32().build((3, 32, 32), 10)
    assert same[0].state_dict().keys() == same[1].state_dict().keys()


def test_the_maps_of_the_paper():
    x, shapes = torch.rand(2, 3, 32, 36), []
    with torch.no_grad():
        for layer in ResNet20().features((3, 32, 36)).values():
            x = layer(x)
            shapes.append(tuple(x.shape[1:]))
    assert shapes == [(16, 32, 36), (16, 32, 36), (32, 16, 18), (64, 8, 9)]


def shortcuts(network):
    found = [one.shortcut for one in network.modules() if isinstance(one, Residual)]
    return [one for one in found if not isinstance(one, nn.Identity)]


def test_shortcuts_by_identity_have_no_parameters():
    found = shortcuts(ResNet20().build((3, 32, 32), 10))
    assert [(type(one), one.stride, one.more) for one in found] == [(PaddedShortcut, 2, 16), (PaddedShortcut, 2, 32)]


def test_shortcuts_by_projection():
    found = shortcuts(ResNet20(shortcut="projection").build((3, 32, 32), 10))
    assert [tuple(one.conv.weight.shape) for one in found] == [(32, 16, 1, 1), (64, 32, 1, 1)]
    assert all(isinstance(one.norm, nn.BatchNorm2d) and one.conv.bias is None for one in found)
