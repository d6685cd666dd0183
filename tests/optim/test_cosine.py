"""Half a cosine, against PyTorch's own."""

import math
from itertools import pairwise

import pytest
import torch

from luthier.optim.schedules import Cosine


def pytorchs(total, final):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total, eta_min=final)
    rates = []
    for _ in range(total):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


@pytest.mark.parametrize(("total", "final"), [(1, 0.0), (7, 0.0), (40, 0.1), (3, 1.0)])
def test_against_pytorch(total, final):
    found = [Cosine(final=final).factor(step, total, ()) for step in range(total)]
    assert found == pytest.approx(pytorchs(total, final), rel=1e-9, abs=1e-12)


def test_ends_and_middle():
    schedule = Cosine(final=0.2)
    assert schedule.factor(0, 10, ()) == 1.0
    assert schedule.factor(5, 10, ()) == pytest.approx(0.6)
    assert schedule.factor(10, 10, ()) == pytest.approx(0.2)
    assert schedule.factor(9, 10, ()) == pytest.approx(0.2 + 0.8 * (1 + math.cos(0.9 * math.pi)) / 2)


def test_it_only_falls():
    found = [Cosine().factor(step, 50, ()) for step in range(50)]
    assert all(before > after > 0 for before, after in pairwise(found))
