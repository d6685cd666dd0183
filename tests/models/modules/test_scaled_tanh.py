"""The activation of LeNet-5: f(1) = 1 with the largest curvature near there."""

import math

import pytest
import torch

from luthier.models.modules import ScaledTanh


def test_values():
    x = torch.tensor([-30.0, -1.0, 0.0, 0.5, 1.0, 30.0], dtype=torch.float64)
    found = ScaledTanh()(x)
    torch.testing.assert_close(found, torch.tensor([1.7159 * math.tanh(2 * float(v) / 3) for v in x]).double())
    assert abs(float(found[4]) - 1) < 1e-4
    assert abs(float(found[1]) + 1) < 1e-4


def test_curvature_is_largest_at_one():
    """The paper: the second derivative's extremes are at +1 and -1 (to two figures)."""
    x = torch.linspace(0, 3, 3001, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(ScaledTanh()(x).sum(), x, create_graph=True)
    (curvature,) = torch.autograd.grad(slope.sum(), x)
    assert float(x.detach()[curvature.abs().argmax()]) == pytest.approx(1, abs=0.02)
