"""Rows of pictures."""

import torch

from luthier.models.modules import Rows


def test_the_layout_in_memory_plays_no_part():
    x = torch.arange(210.0).view(2, 3, 5, 7)
    assert torch.equal(Rows()(x.to(memory_format=torch.channels_last)), Rows()(x))
    assert Rows()(x)[1, 2, 8].item() == x[1, 1, 2, 1].item()
