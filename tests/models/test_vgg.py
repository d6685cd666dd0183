"""VGG: its configurations, and its parameters by a closed form."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from luthier.models import VGG11, VGG11BN, VGG13, VGG13BN, VGG16, VGG16BN, VGG19, VGG19BN, AlexNet

PLAIN = {VGG11: "64 M 128 M 256 256 M 512 512 M 512 512 M", VGG13: "64 64 M 128 128 M 256 256 M 512 512 M 512 512 M",
         VGG16: "64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M",
         VGG19: "64 64 M 128 128 M 256 256 256 256 M 512 512 512 512 M 512 512 512 512 M"}  # fmt: skip


"""Table 1 of the paper: the channels of each convolution, and M for max-pooling."""


NORMED = {VGG11: VGG11BN, VGG13: VGG13BN, VGG16: VGG16BN, VGG19: VGG19BN}


def on_meta(architecture, shape=(3, 224, 224), classes=1000):
    with torch.device("meta"):
        return architecture.build(shape, classes)


def count(network):
    return sum(one.numel() for one in network.parameters())


@pytest.mark.parametrize("member", PLAIN, ids=lambda one: one.name)
def test_the_layers_are_those_of_the_paper(member):
    names = {nn.Conv2d: lambda one: str(one.out_channels), nn.MaxPool2d: lambda one: "M"}
    network = on_meta(member())
    assert " ".join(names[type(one)](one) for one in network if type(one) in names) == PLAIN[member]
    full = [(one.in_features, one.out_features) for one in network if isinstance(one, nn.Linear)]
    assert full == [(512 * 49, 4096), (4096, 4096), (4096, 1000)]


@pytest.mark.parametrize("member", PLAIN, ids=lambda one: one.name)
def test_parameters_by_a_closed_form(member):
    widths = [3, *(int(one) for one in PLAIN[member].split() if one != "M")]
    convolutions = sum(9 * before * after + after for before, after in pairwise(widths))
    full = (512 * 49 + 1) * 4096 + 4097 * 4096 + 4097 * 1000
    assert count(on_meta(member())) == convolutions + full
    assert count(on_meta(NORMED[member]())) == convolutions + full + 2 * sum(widths[1:])


def test_small_pictures_have_small_full_layers():
    network = on_meta(VGG16(), (3, 32, 64), 7)
    assert network.pool.output_size == (1, 2)
    assert (network.full1.in_features, network.output.out_features) == (1024, 7)


def test_a_norm_stands_between_convolution_and_activation():
    names = [name for name, _ in on_meta(VGG11BN()).named_children()]
    assert names[:4] == ["conv1_1", "norm1_1", "activation1_1", "pool1"]


def maps(architecture, side):
    """Shape after each layer of the features, by name."""
    found = {}
    with torch.device("meta"):
        x = torch.empty(1, 3, side, side)
        for name, layer in architecture.features((3, side, side)).items():
            x = layer(x)
            found[name] = tuple(x.shape[1:])
    return found


def test_the_maps_of_the_paper():
    assert maps(AlexNet(), 224) == {
        "conv1": (64, 55, 55), "pool1": (64, 27, 27), "conv2": (192, 27, 27), "pool2": (192, 13, 13),
        "conv3": (384, 13, 13), "conv4": (256, 13, 13), "conv5": (256, 13, 13), "pool5": (256, 6, 6),
    }  # fmt: skip


def test_the_small_stem_keeps_the_size():
    found = maps(AlexNet(), 32)
    assert (found["conv1"], found["pool5"]) == ((64, 32, 32), (256, 3, 3))


@pytest.mark.parametrize(("side", "inputs"), [(32, 256 * 9), (224, 256 * 36), (300, 256 * 36)])
def test_the_head_takes_maps_up_to_6x6(side, inputs):
    with torch.device("meta"):
        network = AlexNet().build((3, side, side), 7)
    assert (network.full1.in_features, network.full2.in_features) == (inputs, 4096)


def test_width_scales_channels_and_units():
    network = AlexNet(width=0.5).build((3, 32, 32), 7)
    assert network.conv2.conv.out_channels == 96 and network.full1.out_features == 2048
