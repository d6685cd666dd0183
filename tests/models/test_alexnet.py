"""AlexNet: its maps, its two stems and its head."""

import pytest
import torch

from luthier.models import AlexNet


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
