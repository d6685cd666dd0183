"""Depthwise convolution, against one convolution for each map."""

import torch
import torch.nn.functional as F

from luthier.models.layers import DepthwiseConvolution


def test_each_map_is_convolved_by_itself(noise):
    layer = DepthwiseConvolution(multiplier=2, kernel=2, stride=2, padding=1, dilation=3).build((3, 7, 11)).double()
    x = noise(2, 3, 7, 11)
    alone = [
        F.conv2d(
            x[:, [one]], layer.weight[2 * one : 2 * one + 2], layer.bias[2 * one : 2 * one + 2],
            stride=2, padding=1, dilation=3,
        )
        for one in range(3)
    ]  # fmt: skip
    torch.testing.assert_close(layer(x), torch.cat(alone, 1))


def test_what_does_not_fit_is_refused(refusal):
    assert refusal(DepthwiseConvolution(), (7, 5)).startswith("depthwise-convolution needs pictures (C, H, W)")
    assert refusal(DepthwiseConvolution(), (3, 2, 9)).startswith("depthwise-convolution looks at 3x3 pixels, but gets")
