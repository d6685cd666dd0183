"""What may be done to the branches of residual networks."""

import pytest
import torch
from torch import nn

from luthier.core.errors import BadInput
from luthier.models import MobileNetV2, ResNet18, ResNet20, ResNet50
from luthier.models.modules import Residual, StochasticDepth

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
