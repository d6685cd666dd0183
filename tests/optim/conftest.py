"""The rates of PyTorch's schedules, as oracles."""

from collections.abc import Callable

import pytest
import torch
from torch.optim.lr_scheduler import LRScheduler

Make = Callable[[torch.optim.Optimizer], LRScheduler]


def rates(make: Make, total: int) -> list[float]:
    """Factors at each step of a training that begins at rate 1."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule, found = make(optimizer), []
    for _ in range(total):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


@pytest.fixture
def pytorchs() -> Callable[[Make, int], list[float]]:
    return rates
