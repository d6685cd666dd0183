"""What the tests of layers share."""

import pytest
import torch

from luthier.core.errors import BadInput
from luthier.core.rng import generator


@pytest.fixture
def noise():
    """Inputs of any shape in 64 bits, always the same."""
    return lambda *shape: torch.randn(*shape, generator=generator(0, "noise"), dtype=torch.float64)


@pytest.fixture
def refusal():
    """Build a layer that must be refused, and give what it says."""

    def refused(layer, shape):
        with pytest.raises(BadInput) as caught:
            layer.build(shape)
        return str(caught.value)

    return refused
