"""The ResNets for large pictures: their maps, stems, blocks and shortcuts."""

import pytest
import torch
from torch import nn

from luthier.models import ResNet18, ResNet34, ResNet50
from luthier.models.modules import Residual


def maps(architecture, side):
    found = {}
    with torch.device("meta"), torch.no_grad():
        x = torch.empty(1, 3, side, side)
        for name, layer in architecture.features((3, side, side)).items():
            x = layer.eval()(x)
            found[name] = tuple(x.shape[1:])
    return found


@pytest.mark.parametrize(("member", "expansion"), [(ResNet18, 1), (ResNet34, 1), (ResNet50, 4)])
def test_the_maps_of_the_paper(member, expansion):
    assert maps(member(), 224) == {
        "conv1": (64, 112, 112), "pool1": (64, 56, 56), "stage1": (64 * expansion, 56, 56),
        "stage2": (128 * expansion, 28, 28), "stage3": (256 * expansion, 14, 14), "stage4": (512 * expansion, 7, 7),
    }  # fmt: skip


def test_the_small_stem_keeps_the_size():
    assert maps(ResNet18(), 32) == {
        "conv1": (64, 32, 32), "stage1": (64, 32, 32), "stage2": (128, 16, 16), "stage3": (256, 8, 8),
        "stage4": (512, 4, 4),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("member", "weighted", "projections"), [(ResNet18, 18, 3), (ResNet34, 34, 3), (ResNet50, 50, 4)]
)
def test_the_number_of_layers_and_of_shortcuts_with_parameters(member, weighted, projections):
    network = member(width=0.1).build((3, 64, 64), 7)
    shortcuts = [one.shortcut for one in network.modules() if isinstance(one, Residual)]
    with_parameters = [one for one in shortcuts if not isinstance(one, nn.Identity)]
    assert len(with_parameters) == projections
    layers = sum(isinstance(one, nn.Conv2d | nn.Linear) for one in network.modules())
    assert layers - projections == weighted


def test_a_basic_block_is_the_formula():
    block = ResNet18(width=0.1).build((3, 9, 9), 7).eval().stage1[0]
    x = torch.rand(2, 6, 5, 7)
    branch = block.branch
    inner = branch.unit.norm(branch.unit.conv(x)).clamp(min=0)
    torch.testing.assert_close(block(x), (x + branch.norm(branch.conv(inner))).clamp(min=0))


def test_a_bottleneck_strides_in_its_3x3():
    branch = ResNet50(width=0.1).build((3, 9, 9), 7).stage2[0].branch
    assert [one.stride[0] for one in branch.modules() if isinstance(one, nn.Conv2d)] == [1, 2, 1]
