"""A fall by equal factors, against PyTorch's own."""

import pytest
from torch.optim.lr_scheduler import ExponentialLR

from luthier.optim.schedules import Exponential


@pytest.mark.parametrize(("total", "final"), [(1, 0.1), (7, 0.01), (40, 0.5), (3, 1.0)])
def test_against_pytorch(pytorchs, total, final):
    found = [Exponential(final=final).factor(step, total, ()) for step in range(total)]
    assert found == pytest.approx(pytorchs(lambda one: ExponentialLR(one, final ** (1 / total)), total), rel=1e-9)


def test_ends():
    assert Exponential(final=0.3).factor(0, 9, ()) == 1.0
    assert Exponential(final=0.3).factor(9, 9, ()) == 0.3
