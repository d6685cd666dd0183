"""Everything in one row."""

import torch

from luthier.models.layers import Flatten


def test_the_last_axis_is_the_fastest():
    x = torch.arange(210.0).view(2, 3, 5, 7)
    assert torch.equal(Flatten().build((3, 5, 7))(x), torch.arange(210.0).view(2, 105))
    assert torch.equal(Flatten().build((7,))(x[:, 0, 0]), x[:, 0, 0])
