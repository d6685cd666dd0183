"""Layer normalisation, against its formula."""

import pytest
import torch

from luthier.models.layers import LayerNorm


@pytest.mark.parametrize(("shape", "axes"), [((3, 5, 7), (1, 2, 3)), ((7, 5), (2,)), ((5,), (1,))])
def test_what_is_normalised_together(noise, shape, axes):
    """All of a picture or a row, and each step of a sequence."""
    x = noise(2, *shape) * 3 + 2
    mean, variance = x.mean(axes, keepdim=True), x.var(axes, correction=0, keepdim=True)
    torch.testing.assert_close(LayerNorm().build(shape).double()(x), (x - mean) / (variance + 1e-5).sqrt())
