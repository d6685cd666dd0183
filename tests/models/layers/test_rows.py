"""Pictures as sequences."""

import torch

from luthier.models.layers import RowsOfPixels


def test_a_step_is_a_row_with_its_channels_one_after_another():
    x = torch.arange(210.0).view(2, 3, 5, 7)
    found = RowsOfPixels().build((3, 5, 7))(x)
    assert found.shape == (2, 5, 21)
    for row in range(5):
        assert torch.equal(found[:, row], torch.cat([x[:, channel, row] for channel in range(3)], 1))


def test_what_is_no_picture_is_refused(refusal):
    assert refusal(RowsOfPixels(), (7, 5)).startswith("rows needs pictures (C, H, W)")
