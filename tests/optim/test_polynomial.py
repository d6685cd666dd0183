"""A power of what is left, against PyTorch's own."""

import pytest
from torch.optim.lr_scheduler import LinearLR, PolynomialLR

from luthier.optim.schedules import Polynomial


@pytest.mark.parametrize(("total", "power"), [(1, 1.0), (7, 1.0), (40, 2.5), (11, 0.5), (3, 0.0)])
def test_against_pytorch(pytorchs, total, power):
    found = [Polynomial(power=power).factor(step, total, ()) for step in range(total)]
    assert found == pytest.approx(pytorchs(lambda one: PolynomialLR(one, total, power), total), rel=1e-9)


@pytest.mark.parametrize("final", [0.0, 0.2, 1.0])
def test_the_first_power_is_a_straight_line(pytorchs, final):
    found = [Polynomial(final=final).factor(step, 13, ()) for step in range(13)]
    assert found == pytest.approx(pytorchs(lambda one: LinearLR(one, 1.0, final, 13), 13), rel=1e-9)
