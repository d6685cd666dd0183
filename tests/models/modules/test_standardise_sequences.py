"""Standardisation of sequences against each sequence by itself."""

import numpy as np
import torch

from luthier.core.rng import generator
from luthier.models.modules import StandardiseSequences, first_layer

LENGTHS = (5, 1, 3, 4)


def padded():
    x = torch.rand(4, 5, 3, generator=generator(0, "x")) * torch.tensor([1.0, 7.0, 0.0]) + 2
    for row, length in zip(x, LENGTHS, strict=True):
        row[length:] = torch.nan
    return x


def test_constants_are_of_the_steps_that_exist():
    x = padded()
    layer = first_layer("sequences", x.split(3), 0)
    steps = np.concatenate([row[:length].double().numpy() for row, length in zip(x, LENGTHS, strict=True)])
    assert isinstance(layer, StandardiseSequences)
    np.testing.assert_allclose(layer.mean.numpy(), steps.mean(0), rtol=1e-6)
    np.testing.assert_allclose(1 / layer.scale.numpy(), [*steps.std(0)[:2], 1], rtol=1e-6)


def test_what_leaves_has_zeros_behind_the_ends():
    x = padded()
    layer = first_layer("sequences", [x], 0)
    found = layer(x)
    assert found["length"].tolist() == list(LENGTHS)
    for row, raw, length in zip(found["sequence"], x, LENGTHS, strict=True):
        torch.testing.assert_close(row[:length], (raw[:length] - layer.mean) * layer.scale)
        assert not row[length:].any()
