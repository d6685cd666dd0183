"""An activation in a list of layers."""

import torch

from luthier.models.activations import LeakyReLU
from luthier.models.layers import ActivationLayer


def test_it_is_the_function_that_it_holds(noise):
    x = noise(2, 3, 5)
    assert torch.equal(ActivationLayer().build((3, 5))(x), x.clamp(min=0))
    layer = ActivationLayer(function=LeakyReLU(slope=0.25)).build((3, 5))
    assert torch.equal(layer(x), torch.where(x > 0, x, x / 4))
