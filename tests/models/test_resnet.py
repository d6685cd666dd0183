"""The ResNets for large pictures: their maps, stems, blocks and shortcuts."""

import pytest
import torch
from torch import nn

from luthier.core.errors import BadInput
from luthier.models import MobileNetV2, ResNet18, ResNet20, ResNet32, ResNet34, ResNet50, ResNet56
from luthier.models.modules import PaddedShortcut, Residual, StochasticDepth


def maps(architecture, side):
    found = {}
    with torch.device("meta"), torch.no_grad():
        x = torch.empty(1, 3, side, side)
        for name, layer in architecture.features((3, side, side)).items():
            x = layer.eval()(x)
            found[name] = tuple(x.shape[1:])
    return found


@pytest.mark.parametrize(("member", "expansion"), [(ResNet18, 1), (ResNet34, 1), (ResNet50, 4)])
def test_the_maps_of_the_paper_of_resnet(member, expansion):
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


MEMBERS = [MobileNetV2, ResNet18, ResNet20, ResNet50]


members = pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)


X = torch.rand(6, 3, 9, 13, generator=torch.Generator().manual_seed(0))


def blocks(network):
    return [one for one in network.modules() if isinstance(one, Residual)]


def built(member, **settings):
    return member(width=0.1, **settings).build((3, 9, 13), 7)


@members
@pytest.mark.parametrize("norm", ["batch", "group", "layer"])
def test_zero_gamma_makes_a_block_its_shortcut(member, norm):
    for block in blocks(built(member, zero_gamma=True, norm=norm)):
        x = torch.rand(5, next(block.branch.parameters()).shape[1], 8, 10) + 0.1
        assert torch.equal(block(x), block.after(block.shortcut(x)))


@members
def test_without_zero_gamma_every_norm_starts_at_1(member):
    norms = [one for one in built(member).modules() if isinstance(one, nn.BatchNorm2d)]
    assert norms and all(bool((one.weight == 1).all()) for one in norms)


@members
def test_zero_gamma_needs_a_norm(member):
    with pytest.raises(BadInput) as caught:
        built(member, zero_gamma=True, norm="none")
    assert str(caught.value) == (
        "zero_gamma needs a norm whose factor can start at 0, but norm is 'none'; "
        "set model.norm = 'batch' or model.zero_gamma = false"
    )


@pytest.mark.parametrize(("member", "count"), [(ResNet18, 8), (ResNet20, 9), (ResNet50, 16)])
def test_the_rate_of_stochastic_depth_grows_to_the_last_block(member, count):
    network = built(member, stochastic_depth=0.4)
    rates = [one.rate for one in network.modules() if isinstance(one, StochasticDepth)]
    assert rates == pytest.approx([0.4 * number / count for number in range(1, count + 1)])


def test_mobilenet_leaves_out_only_what_has_a_shortcut():
    network = built(MobileNetV2, stochastic_depth=0.34)
    rates = [one.rate for one in network.modules() if isinstance(one, StochasticDepth)]
    assert rates == pytest.approx([0.02 * block for block in (3, 5, 6, 8, 9, 10, 12, 13, 15, 16)])


@members
def test_stochastic_depth_is_off_at_rate_0_and_in_evaluation(member):
    plain, deep = built(member, dropout=0.0), built(member, dropout=0.0, stochastic_depth=0.5)
    assert not [one for one in plain.modules() if isinstance(one, StochasticDepth)]
    deep.load_state_dict(plain.state_dict())
    assert torch.equal(plain.eval()(X), deep.eval()(X))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        assert not torch.equal(plain.train()(X), deep.train()(X))


@pytest.mark.parametrize(("member", "depth", "weighted"), [(ResNet20, 3, 20), (ResNet32, 5, 32), (ResNet56, 9, 56)])
def test_depth(member, depth, weighted):
    network = member(width=0.2).build((3, 32, 32), 10)
    assert sum(isinstance(one, nn.Conv2d | nn.Linear) for one in network.modules()) == weighted
    assert [len(stage) for stage in (network.stage1, network.stage2, network.stage3)] == [depth] * 3


def test_depth_can_be_set():
    same = ResNet20(depth=5).build((3, 32, 32), 10), ResNet32().build((3, 32, 32), 10)
    assert same[0].state_dict().keys() == same[1].state_dict().keys()


def test_the_maps_of_the_paper_of_resnet_cifar():
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
