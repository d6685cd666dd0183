"""Several draws of the augmentations, beside the composer itself."""

import torch

from luthier.core.rng import generator
from luthier.data.augment import Composer, Noise, Rotation
from luthier.data.augment.composer import several


def test_each_draw_is_the_composers_own():
    inputs = torch.rand(2, 3, 5, 7, generator=generator(0, "inputs"))
    augmentations = (Rotation(degrees=20.0), Noise(std=0.1))
    found = several(inputs, augmentations, 3, 11, "look")
    assert found.shape == (2, 3, 3, 5, 7)
    for draw in range(3):
        expected = Composer(augmentations)(inputs, lambda name, draw=draw: generator(11, f"look/{name}", draw))
        assert torch.equal(found[:, draw], expected)
    assert not torch.equal(found[:, 0], found[:, 1])
