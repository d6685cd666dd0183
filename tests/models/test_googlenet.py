"""GoogLeNet: the maps of the paper's table 1, the kernels, the stems."""

import pytest
import torch

from luthier.models import GoogLeNet


def maps(architecture, side):
    found = {}
    with torch.device("meta"), torch.no_grad():
        x = torch.empty(1, 3, side, side)
        for name, layer in architecture.features((3, side, side)).items():
            x = layer.eval()(x)
            found[name] = tuple(x.shape[1:])
    return found


def test_the_maps_of_the_paper():
    found = maps(GoogLeNet(), 224)
    assert found == {
        "conv1": (64, 112, 112), "pool1": (64, 56, 56), "conv2": (64, 56, 56), "conv3": (192, 56, 56),
        "pool3": (192, 28, 28), "inception3a": (256, 28, 28), "inception3b": (480, 28, 28), "pool4": (480, 14, 14),
        "inception4a": (512, 14, 14), "inception4b": (512, 14, 14), "inception4c": (512, 14, 14),
        "inception4d": (528, 14, 14), "inception4e": (832, 14, 14), "pool5": (832, 7, 7),
        "inception5a": (832, 7, 7), "inception5b": (1024, 7, 7),
    }  # fmt: skip


def test_the_small_stem_keeps_the_size():
    found = maps(GoogLeNet(), 32)
    assert "pool1" not in found
    assert (found["conv1"], found["pool3"], found["inception5b"]) == ((64, 32, 32), (192, 16, 16), (1024, 4, 4))


FIVE = ((16, 32), (32, 96), (16, 48), (24, 64), (24, 64), (32, 64), (32, 128), (32, 128), (48, 128))
"""Channels in and out of the 5x5 convolutions."""


@pytest.mark.parametrize(("kernel", "area"), [(3, 9), (5, 25)])
def test_the_larger_kernels_can_be_those_of_the_paper(kernel, area):
    with torch.device("meta"):
        network = GoogLeNet(kernel=kernel).build((3, 224, 224), 1000)
    found = sum(one.numel() for one in network.parameters())
    assert found == 6_624_904 + (area - 9) * sum(before * after for before, after in FIVE)
    assert network.inception4b[2].conv.conv.kernel_size == (kernel, kernel)
