"""Pictures of the first convolution's filters."""

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from luthier.report.run_sections import MOST_FILTERS, draw_filters


def opened(source):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))))


def test_weights_span_black_to_white_over_all_filters():
    layer = nn.Conv2d(1, 2, (3, 5))
    with torch.no_grad():
        layer.weight.copy_(torch.arange(30.0).view(2, 1, 3, 5))
    first, second = map(opened, draw_filters(nn.Sequential(nn.Flatten(0, 0), layer, nn.Conv2d(2, 7, 3))))
    assert first.shape == (3, 5) and (first[0, 0], second[-1, -1]) == (0, 255)
    assert first[0, 1] == round(255 / 29)


@pytest.mark.parametrize(("channels", "shape"), [(1, (3, 3)), (3, (3, 3, 3)), (4, (3, 3))])
def test_three_channels_are_colours(channels, shape):
    assert opened(draw_filters(nn.Conv2d(channels, 2, 3))[0]).shape == shape


def test_filters_over_time_have_a_row_for_each_feature():
    assert opened(draw_filters(nn.Conv1d(4, 2, 7))[0]).shape == (4, 7)


def test_of_many_filters_the_first_are_shown():
    assert len(draw_filters(nn.Conv2d(1, MOST_FILTERS + 3, 3))) == MOST_FILTERS


@pytest.mark.parametrize("network", [nn.Linear(3, 2), nn.Conv2d(3, 2, 1)])
def test_without_a_pattern_there_is_nothing_to_show(network):
    assert draw_filters(network) == []
