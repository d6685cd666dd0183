"""Convolution, against a sum over the taps one by one."""

import pytest
import torch

from luthier.models.layers import Convolution


@pytest.mark.parametrize(
    "layer",
    [
        Convolution(maps=6, kernel=3),
        Convolution(maps=6, kernel=2, stride=3, padding=2),
        Convolution(maps=6, kernel=3, dilation=2, groups=2, padding=1),
    ],
    ids=repr,
)
def test_it_is_the_sum_over_its_taps(noise, layer):
    x, module = noise(2, 4, 9, 13), layer.build((4, 9, 13)).double()
    padded = torch.nn.functional.pad(x, [layer.padding] * 4)
    found = module(x)
    expected = module.bias.view(-1, 1, 1).expand(found.shape).clone()
    inputs, outputs = 4 // layer.groups, layer.maps // layer.groups
    height, width = found.shape[2:]
    for output in range(layer.maps):
        for number in range(inputs):
            source = padded[:, output // outputs * inputs + number]
            for row in range(layer.kernel):
                for column in range(layer.kernel):
                    rows = row * layer.dilation + torch.arange(height) * layer.stride
                    columns = column * layer.dilation + torch.arange(width) * layer.stride
                    expected[:, output] += module.weight[output, number, row, column] * source[:, rows][:, :, columns]
    torch.testing.assert_close(found, expected)


def test_groups_divide_the_weights():
    whole, halved = (Convolution(maps=6, groups=groups).build((4, 9, 9)) for groups in (1, 2))
    assert whole.weight.numel() == 2 * halved.weight.numel() == 6 * 4 * 9


def test_what_does_not_fit_is_refused(refusal):
    assert refusal(Convolution(), (5,)) == (
        "convolution needs pictures (C, H, W), but gets shape (5,); "
        "take it out, or put it before flatten, global-average-pool and rows"
    )
    assert refusal(Convolution(kernel=3, dilation=4), (1, 8, 20)) == (
        "convolution looks at 9x9 pixels, but gets 8x20 with padding 0; "
        "set a smaller kernel, padding of 1 or more, or a larger data.size"
    )
    assert refusal(Convolution(maps=6, groups=4), (8, 9, 9)) == (
        "convolution.groups must divide the 8 input and the 6 output maps, but got 4; set groups = 1 or change maps"
    )


def test_what_just_fits_is_taken():
    assert Convolution(maps=2, kernel=5, padding=1).build((1, 3, 4))(torch.zeros(1, 1, 3, 4)).shape == (1, 2, 1, 2)
