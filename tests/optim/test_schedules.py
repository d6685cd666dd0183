"""The warm-up, before any schedule."""

import pytest
from torch.optim.lr_scheduler import LinearLR

from luthier.optim import SCHEDULES
from luthier.optim.schedules import Constant, Cosine

TOTALS = (1, 7, 40)


def test_a_warm_up_is_pytorchs_straight_line(pytorchs):
    """It reaches the full rate with its last step: the first of 10 has a tenth."""
    found = [Constant(warmup=0.25).factor(step, 40, ()) for step in range(40)]
    assert found == pytest.approx(pytorchs(lambda one: LinearLR(one, 0.1, total_iters=9), 40), rel=1e-9)
    assert found[:2] == [0.1, 0.2]
    assert found[9:] == [1.0] * 31


def test_it_lies_over_the_schedule():
    """A cosine is at its middle when half of the steps are over, warmed up or not."""
    found = [Cosine(warmup=0.5, final=0.1).factor(step, 8, ()) for step in range(8)]
    plain = [Cosine(final=0.1).factor(step, 8, ()) for step in range(8)]
    assert found == pytest.approx([0.25 * plain[0], 0.5 * plain[1], 0.75 * plain[2], *plain[3:]], rel=1e-12)


@pytest.mark.parametrize("member", list(SCHEDULES), ids=lambda one: one.name)
def test_without_a_warm_up_the_curve_is_all(member):
    for total in TOTALS:
        for step in range(total):
            assert member().factor(step, total, (0.5, 0.4)) == member().curve(step, total, (0.5, 0.4))


@pytest.mark.parametrize(("warmup", "total"), [(1.0, 7), (0.3, 1), (0.01, 7)])
def test_ends_of_the_range(warmup, total):
    found = [Constant(warmup=warmup).factor(step, total, ()) for step in range(total)]
    assert found == pytest.approx([min(1, (step + 1) / (warmup * total)) for step in range(total)])
    assert found[-1] == 1.0
