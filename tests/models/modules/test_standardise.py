"""Standardisation against NumPy."""

import numpy as np
import pytest
import torch

from luthier.core.rng import generator
from luthier.models.modules import Standardise
from luthier.models.modules.standardise import fit_standardise


@pytest.mark.parametrize("shape", [(13, 5), (13, 3, 7, 11)])
@pytest.mark.parametrize("chunk", [1, 4, 13])
def test_constants_against_numpy(shape, chunk):
    x = torch.rand(shape, generator=generator(0, "x")) * 3 + torch.arange(shape[1]).view(-1, *[1] * (len(shape) - 2))
    layer = fit_standardise(x.split(chunk))
    axes = (0, *range(2, len(shape)))
    values = x.numpy().astype(np.float64)
    np.testing.assert_allclose(layer.mean.numpy(), values.mean(axes), rtol=1e-6)
    np.testing.assert_allclose(1 / layer.scale.numpy(), values.std(axes), rtol=1e-6)
    found = layer(x).double().numpy()
    np.testing.assert_allclose(found.mean(axes), 0, atol=1e-6)
    np.testing.assert_allclose(found.std(axes), 1, rtol=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3, 1e6, 255 / 256])
def test_a_constant_column_becomes_zero(value):
    """Rounding must not be taken for variance and blown up."""
    x = torch.stack((torch.full((101,), value), torch.arange(101.0)), 1)
    layer = fit_standardise(x.split(7))
    assert float(layer.scale[0]) == 1
    assert float(layer(x)[:, 0].abs().max()) <= abs(value) * 1e-7
    assert float(layer.scale[1]) == pytest.approx(1 / x[:, 1].double().std(correction=0).item())


def test_a_small_variance_beside_a_large_mean_is_kept():
    x = 1000 + torch.arange(8.0).view(8, 1) / 8
    assert float(fit_standardise([x]).scale[0]) == pytest.approx(1 / x.double().std(correction=0).item(), rel=1e-5)


def test_it_is_kept_with_the_network_but_never_trained():
    layer = Standardise(torch.zeros(3), torch.ones(3))
    assert list(layer.state_dict()) == ["mean", "scale"]
    assert list(layer.parameters()) == []


def test_pictures_and_rows():
    layer = Standardise(torch.tensor([1.0, 2.0]), torch.tensor([2.0, 0.0]))
    assert layer(torch.tensor([[3.0, 5.0]])).tolist() == [[1.0, 3.0]]
    pictures = torch.tensor([3.0, 5.0]).view(1, 2, 1, 1).expand(2, 2, 3, 4)
    assert layer(pictures).shape == (2, 2, 3, 4)
    assert layer(pictures)[:, 0].unique().tolist() == [1.0]
    assert layer(pictures)[:, 1].unique().tolist() == [3.0]


def test_missing_values_do_not_count_and_become_the_mean():
    x = torch.tensor([[1.0, torch.nan, 5.0], [3.0, torch.nan, torch.nan], [5.0, torch.nan, 9.0]])
    layer = fit_standardise(x.split(2))
    assert layer.mean.tolist() == [3, 0, 7]
    np.testing.assert_allclose(1 / layer.scale.numpy(), [(8 / 3) ** 0.5, 1, 2], rtol=1e-6)
    assert layer(x)[:, 1:].tolist() == [[0, -1], [0, 0], [0, 1]]
