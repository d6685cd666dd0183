"""VGG: its configurations, and its parameters by a closed form."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from luthier.models import VGG11, VGG11BN, VGG13, VGG13BN, VGG16, VGG16BN, VGG19, VGG19BN

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
