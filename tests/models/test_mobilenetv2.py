"""MobileNetV2: its maps, its blocks and its last convolution."""

import pytest
import torch
from torch import nn

from luthier.models import MobileNetV2
from luthier.models.modules import Residual


def maps(side, **settings):
    found = []
    with torch.device("meta"), torch.no_grad():
        x = torch.empty(1, 3, side, side)
        for layer in MobileNetV2(**settings).features((3, side, side)).values():
            x = layer.eval()(x)
            found.append((x.shape[1], x.shape[2]))
    return found


def test_the_maps_of_the_paper():
    assert maps(224) == [
        (32, 112), (16, 112), (24, 56), (32, 28), (64, 14), (96, 14), (160, 7), (320, 7), (1280, 7),
    ]  # fmt: skip


def test_the_small_stem_halves_three_times_only():
    assert [side for _, side in maps(32)] == [32, 32, 32, 16, 8, 8, 4, 4, 4]


def test_blocks_with_a_shortcut_keep_shape():
    network = MobileNetV2(width=0.1).build((3, 32, 32), 7)
    assert sum(isinstance(one, Residual) for one in network.modules()) == 10
    depthwise = [one for one in network.modules() if isinstance(one, nn.Conv2d) and one.groups > 1]
    assert len(depthwise) == 17 and all(one.groups == one.in_channels == one.out_channels for one in depthwise)


def test_a_block_ends_in_a_norm_without_activation():
    block = MobileNetV2(width=0.1).build((3, 32, 32), 7).stage3[1]
    assert isinstance(block.branch[-1], nn.BatchNorm2d) and isinstance(block.after, nn.Identity)
    assert isinstance(block.branch.expand.activation, nn.ReLU6)


@pytest.mark.parametrize(("width", "last"), [(0.5, 1280), (1.0, 1280), (1.5, 1920)])
def test_the_last_convolution_does_not_shrink(width, last):
    assert maps(32, width=width)[-1][0] == last
