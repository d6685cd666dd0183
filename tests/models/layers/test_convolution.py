"""Convolution, against a sum over the taps one by one."""

import pytest
import torch
import torch.nn.functional as F

from luthier.core.declare import read
from luthier.models.layers import Convolution, DepthwiseConvolution, TableConvolution


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


def test_what_does_not_fit_is_refused_of_convolution(refusal):
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


def test_what_does_not_fit_is_refused_of_depthwise_convolution(refusal):
    assert refusal(DepthwiseConvolution(), (7, 5)).startswith("depthwise-convolution needs pictures (C, H, W)")
    assert refusal(DepthwiseConvolution(), (3, 2, 9)).startswith("depthwise-convolution looks at 3x3 pixels, but gets")


def test_the_default_is_c3():
    """60 kernels of 5x5 and 16 biases: LeCun, Bottou, Bengio and Haffner, 1998."""
    assert sum(one.numel() for one in TableConvolution().build((6, 14, 14)).parameters()) == 1516


def test_a_table_is_read_from_lists():
    problems = []
    layer = read(TableConvolution, {"table": [[0, 1], [2]], "kernel": 3}, "layer", problems)
    assert layer == TableConvolution(table=((0, 1), (2,)), kernel=3) and problems == []
    assert layer.build((3, 7, 9)).table == ((0, 1), (2,))


@pytest.mark.parametrize("table", [(), ((0, 1), ()), ((0, 0),)])
def test_each_output_map_needs_an_input_map_and_each_once(refusal, table):
    assert refusal(TableConvolution(table=table), (2, 7, 9)) == (
        "table-convolution.table must name at least one input map for each output map, and each only once, "
        f"but got {table}; write for example [[0, 1], [2]]"
    )


@pytest.mark.parametrize(
    ("table", "names"), [(((0, 1), (3,)), "0 to 3"), (((0, 1),), "0 to 1"), (((-1, 2),), "-1 to 2")]
)
def test_a_table_is_made_for_its_maps(refusal, table, names):
    last = int(names.split()[-1]) + 1
    assert refusal(TableConvolution(table=table), (3, 7, 9)) == (
        "table-convolution.table must name input maps from 0 to 2, the last included, but names "
        f"{names}; change the table, or the maps of the layer before to {last}"
    )


def test_what_does_not_fit_is_refused_of_table_convolution(refusal):
    assert refusal(TableConvolution(), (6, 4, 14)).startswith("table-convolution looks at 5x5 pixels, but gets 4x14")
