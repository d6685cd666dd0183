"""Networks for pictures: which they take, and what is said of those that are too small."""

import pytest
import torch
from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.core.errors import BadInput
from luthier.models import ARCHITECTURES, VGG16, AlexNet, LeNet5, NiN, ResNet18
from luthier.models.picture import PictureNetwork, Vanished
from luthier.models.settings import layers

MEMBERS = [one for one in ARCHITECTURES if issubclass(one, PictureNetwork)]


def refusal(architecture, shape):
    with pytest.raises(BadInput) as caught:
        architecture.build(shape, 7)
    return str(caught.value)


@pytest.mark.parametrize(
    ("architecture", "shape", "message"),
    [
        (VGG16(), (3, 20, 40), "vgg16 needs pictures of at least 32 pixels a side, but got 20x40, of which nothing is "
                               "left after pool5; set data.size = 32 or more"),
        (VGG16(norm="batch"), (1, 40, 3), "vgg16 needs pictures of at least 32 pixels a side, but got 40x3, of which "
                                          "nothing is left after pool2; set data.size = 32 or more"),
        (AlexNet(), (3, 14, 14), "alexnet needs pictures of at least 15 pixels a side, but got 14x14, of which nothing "
                                 "is left after pool5; set data.size = 15 or more"),
        (AlexNet(stem="large"), (3, 32, 32), "alexnet needs pictures of at least 63 pixels a side, but got 32x32, of "
                                             "which nothing is left after pool5; set data.size = 63 or more"),
        (LeNet5(), (1, 11, 28), "lenet5 needs pictures of at least 12 pixels a side, but got 11x28, of which nothing "
                                "is left after pool2; set data.size = 12 or more"),
        (NiN(), (30,), "nin needs pictures, but an example has shape (30,); use --model mlp for rows"),
        (ResNet18(), (9, 30), "resnet18 needs pictures, but an example has shape (9, 30); use --model mlp for rows"),
    ],
)  # fmt: skip
def test_what_is_too_small_is_said_with_the_layer_and_the_remedy(architecture, shape, message):
    assert refusal(architecture, shape) == message


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_the_smallest_side_works_and_the_one_below_does_not(member):
    architecture = member(width=0.05)
    side = architecture.smallest(2)
    assert architecture.build((2, side, side), 7).eval()(torch.zeros(3, 2, side, side)).shape == (3, 7)
    if side > 1:
        assert f"at least {side} pixels" in refusal(architecture, (2, side - 1, side - 1))


class Broken(PictureNetwork):
    """Fails on every picture."""

    name = "broken"
    card = ArchitectureCard(summary="Broken.", source="tests")

    def features(self, shape):
        return layers(conv1=nn.Conv2d(shape[0] + 1, 3, 3))


def test_a_network_that_takes_no_picture_shows_its_own_error():
    with pytest.raises(Vanished, match="conv1") as caught:
        Broken().build((1, 9, 9), 3)
    assert "channel" in str(caught.value.__cause__)


def test_finding_the_shape_draws_nothing():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        before = torch.get_rng_state()
        VGG16().smallest(3)
        assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_dropout_is_off_in_evaluation_and_on_in_training(member):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # without a seed dropping changed nothing in some draws
        network = member(width=0.1, dropout=0.5, norm="none").build((3, 32, 37), 7)
    x = torch.rand(2, 3, 32, 37, generator=torch.Generator().manual_seed(0))
    drops = [one for one in network.modules() if isinstance(one, nn.Dropout)]
    assert drops and all(one.p == 0.5 for one in drops)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(1)
        assert torch.equal(network.eval()(x), network(x))
        network.train()
        assert not torch.equal(network(x), network(x))


@pytest.mark.parametrize("norm", ["batch", "group", "layer", "none"])
@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_every_norm_and_activation_can_be_had(member, norm):
    network = member(width=0.1, norm=norm, activation="tanh").build((2, 32, 33), 7)
    kinds = {type(one) for one in network.modules()}
    expected = {"batch": {nn.BatchNorm2d}, "group": {nn.GroupNorm}, "layer": {nn.GroupNorm}, "none": set()}[norm]
    assert kinds & {nn.BatchNorm2d, nn.GroupNorm} == expected
    assert nn.Tanh in kinds and not kinds & {nn.ReLU, nn.ReLU6}
    groups = {one.num_groups for one in network.modules() if isinstance(one, nn.GroupNorm)}
    assert norm != "layer" or groups == {1}


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_twice_the_width_has_about_four_times_the_weights(member):
    with torch.device("meta"):
        one, two = (member(width=width).build((3, 64, 64), 7) for width in (1, 2))
    ratio = sum(p.numel() for p in two.parameters()) / sum(p.numel() for p in one.parameters())
    assert 3.3 < ratio < 4.1


@pytest.mark.parametrize("shape", [(1, 7, 5), (3, 2, 2)])
def test_maps_of_one_value_can_be_built_with_norms_of_groups(shape):
    """Such a norm refuses them when they come; which one it is, is said where training is prepared."""
    for member in MEMBERS:
        if member().smallest(shape[0]) <= min(shape[1:]):
            assert isinstance(member(norm="group").build(shape, 3), nn.Sequential), member.name
