"""Lookahead against arithmetic on two parameters."""

import pytest
import torch

from luthier.testing.training import start_training
from luthier.training.evaluate import choose_network
from luthier.training.tricks import Lookahead

from ...contracts.toys.line import RATE, START, data, line, slope


def by_hand(steps, every, share):
    """Fast weights after each step, and the slow ones at the end."""
    inputs, target = data(line())
    fast = slow = torch.tensor(START, dtype=torch.float64)
    found = []
    for step in range(1, steps + 1):
        fast = fast - RATE * slope(fast, inputs, target)
        if step % every == 0:
            slow = fast = slow + share * (fast - slow)
        found.append(fast)
    return found, slow


@pytest.mark.parametrize(("every", "share"), [(1, 0.5), (2, 0.5), (3, 0.8), (5, 0.2), (9, 0.5)])
def test_two_parameters_by_hand(every, share):
    done = start_training(lambda: line(Lookahead(every=every, share=share), epochs=7).trainer)
    expected, slow = by_hand(7, every, share)
    for step, weight in enumerate(expected, 1):
        found = done.advance(step).trainer.network.body.weight.double()
        torch.testing.assert_close(found, weight, rtol=1e-6, atol=1e-7)
    torch.testing.assert_close(done.final()["body.weight"].double(), slow, rtol=1e-6, atol=1e-7)


def test_between_meetings_the_slow_weights_are_evaluated_and_the_fast_ones_go_on():
    done = start_training(lambda: line(Lookahead(every=4)).trainer).advance(3)
    fast = done.trainer.network.body.weight.detach().clone()
    found = choose_network(done.trainer, done.state)
    assert found.body.weight.tolist() == pytest.approx(START)
    assert torch.equal(done.trainer.network.body.weight, fast) and not torch.equal(fast, found.body.weight)
    done.advance(4)
    assert choose_network(done.trainer, done.state) is done.trainer.network
