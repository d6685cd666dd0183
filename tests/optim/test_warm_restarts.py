"""Half cosines one after another, against PyTorch's own."""

import pytest
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts

from luthier.optim.schedules import Cosine, WarmRestarts


@pytest.mark.parametrize(
    ("cycles", "growth", "first", "final"), [(3, 2, 3, 0.0), (5, 1, 7, 0.1), (3, 3, 4, 0.0), (1, 2, 9, 0.5)]
)
def test_against_pytorch(pytorchs, cycles, growth, first, final):
    total = first * sum(growth**number for number in range(cycles))
    schedule = WarmRestarts(cycles=cycles, growth=float(growth), final=final)
    found = [schedule.factor(step, total, ()) for step in range(total)]
    oracle = pytorchs(lambda one: CosineAnnealingWarmRestarts(one, first, growth, final), total)
    assert found == pytest.approx(oracle, rel=1e-9, abs=1e-12)


def test_one_cycle_is_the_cosine():
    for step in range(11):
        assert WarmRestarts(cycles=1, final=0.2).factor(step, 11, ()) == Cosine(final=0.2).factor(step, 11, ())


def test_cycles_begin_at_whole_steps_and_fill_the_training():
    """Lengths 1, 1.5 and 2.25 in 47 steps: edges 9.89 and 24.74 go to whole steps."""
    found = [WarmRestarts(cycles=3, growth=1.5).factor(step, 47, ()) for step in range(47)]
    assert [step for step, factor in enumerate(found) if factor == 1.0] == [0, 10, 25]
    assert 0 < found[-1] < 0.01


def test_more_cycles_than_steps():
    assert [WarmRestarts(cycles=100, growth=1.0).factor(step, 7, ()) for step in range(7)] == [1.0] * 7
