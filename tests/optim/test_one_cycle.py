"""One rise and one fall, against a sequence of PyTorch's own schedules."""

from itertools import pairwise

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

from luthier.optim.schedules import OneCycle


def factors(total, **values):
    return [OneCycle(**values).factor(step, total, ()) for step in range(total)]


def pytorchs(total, top, start):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    parts = [LinearLR(optimizer, start, total_iters=top), CosineAnnealingLR(optimizer, total - top)]
    schedule = SequentialLR(optimizer, parts, milestones=[top])
    rates = []
    for _ in range(total):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


@pytest.mark.parametrize(("total", "top", "start"), [(20, 5, 0.05), (40, 30, 0.5)])
@pytest.mark.filterwarnings("ignore:The epoch parameter in `scheduler.step:UserWarning")
def test_against_pytorch(total, top, start):
    assert factors(total, rise=top / total, start=start) == pytest.approx(pytorchs(total, top, start), rel=1e-9)


def test_ends_and_top():
    found = factors(40, rise=0.25, start=0.05)
    assert (found[0], found[10]) == (0.05, 1.0)
    assert found.index(max(found)) == 10
    assert 0 < found[-1] < 0.01
    assert OneCycle().factor(40, 40, ()) == 0.0


def test_it_rises_then_falls():
    found = factors(40, rise=0.25)
    assert all(before < after for before, after in pairwise(found[:11]))
    assert all(before > after for before, after in pairwise(found[10:]))
    assert [after - before for before, after in pairwise(found[:11])] == pytest.approx([0.095] * 10)


def test_without_a_rise_it_starts_at_the_full_rate():
    assert factors(4, rise=0.0)[0] == 1.0


@pytest.mark.parametrize("total", [1, 2, 3])
def test_short_trainings(total):
    """A top between two steps is never reached, and never passed."""
    assert all(0 < one <= 1 for one in factors(total, rise=0.4))
