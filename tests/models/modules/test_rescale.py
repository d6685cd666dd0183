"""The user's units, there and back."""

import numpy as np
import torch

from luthier.core.rng import generator
from luthier.models.modules import Rescale
from luthier.models.modules.standardise import fit_rescale

VALUES = torch.randn(97, 3, generator=generator(0, "values")) * torch.tensor([1.0, 1e4, 1e-3]) + torch.tensor(
    [0, 1e5, 2]
)


def test_constants_are_those_of_numpy_and_the_result_is_standard():
    layer = fit_rescale(VALUES)
    exact = VALUES.double().numpy()
    np.testing.assert_allclose(layer.mean, exact.mean(0), rtol=1e-6)
    np.testing.assert_allclose(layer.std, exact.std(0), rtol=1e-5)
    standard = layer.inverse(VALUES)
    np.testing.assert_allclose(standard.mean(0), np.zeros(3), atol=1e-3)
    np.testing.assert_allclose(standard.std(0, correction=0), np.ones(3), rtol=1e-3)
    torch.testing.assert_close(layer(standard), VALUES, rtol=1e-6, atol=1e-6)


def test_a_constant_value_is_only_moved():
    layer = fit_rescale(torch.full((5, 1), 7.0))
    assert layer.inverse(torch.tensor([[9.0]])).tolist() == [[2.0]] and layer(torch.zeros(2, 1)).tolist() == [[7.0]] * 2


def test_the_constants_are_saved_with_the_network():
    assert {name: tuple(one.shape) for name, one in Rescale(torch.zeros(3), torch.ones(3)).state_dict().items()} == {
        "mean": (3,),
        "std": (3,),
    }
