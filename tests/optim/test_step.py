"""Equal drops, against PyTorch's own."""

import pytest
from torch.optim.lr_scheduler import StepLR

from luthier.optim.schedules import Step


@pytest.mark.parametrize(
    ("total", "every", "steps", "drop"), [(30, 0.3, 9, 0.1), (7, 0.4, 3, 0.5), (100, 0.07, 7, 0.9), (5, 1.0, 5, 0.1)]
)
def test_against_pytorch(pytorchs, total, every, steps, drop):
    found = [Step(every=every, drop=drop).factor(step, total, ()) for step in range(total)]
    assert found == pytest.approx(pytorchs(lambda one: StepLR(one, steps, drop), total), rel=1e-9)


def test_a_share_below_a_step_is_a_step():
    assert [Step(every=0.01, drop=0.5).factor(step, 3, ()) for step in range(3)] == [1.0, 0.5, 0.25]


def test_no_drops():
    assert {Step(every=1.0).factor(step, 7, ()) for step in range(7)} == {1.0}
    assert {Step(drop=1.0).factor(step, 7, ()) for step in range(7)} == {1.0}
