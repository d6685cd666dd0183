"""NiN: its parameters by a closed form, and its maps."""

import torch
from torch import nn

from luthier.models import NiN

LAYERS = [(3, 192, 5), (192, 160, 1), (160, 96, 1), (96, 192, 5), (192, 192, 1), (192, 192, 1), (192, 192, 3),
          (192, 192, 1), (192, 7, 1)]  # fmt: skip
"""Channels in, channels out and side of the kernel of each convolution in the authors' network."""


def test_the_convolutions():
    network = NiN().build((3, 32, 32), 7)
    convolutions = [one for one in network.modules() if isinstance(one, nn.Conv2d)]
    assert [(one.in_channels, one.out_channels, one.kernel_size[0]) for one in convolutions] == LAYERS
    expected = sum(before * after * side**2 + after for before, after, side in LAYERS)
    assert sum(one.numel() for one in network.parameters()) == expected


def test_the_logits_are_the_means_of_one_map_per_class():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        network, inputs = NiN(width=0.25).build((2, 12, 17), 7).eval(), torch.rand(3, 2, 12, 17)
    kept = []
    network.output.register_forward_hook(lambda layer, args, output: kept.append(output))
    logits = network(inputs)
    assert kept[0].shape == (3, 7, 3, 5)
    torch.testing.assert_close(logits, kept[0].mean((2, 3)))
    assert bool((logits < 0).any())
