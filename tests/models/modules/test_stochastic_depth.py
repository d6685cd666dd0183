"""Stochastic depth: which examples stay, their scale, and when nothing is drawn."""

import pytest
import torch

from luthier.models.modules import StochasticDepth


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def test_an_example_stays_whole_or_goes_whole():
    x = torch.rand(2000, 3, 2, 5) + 1
    found = StochasticDepth(0.3)(x)
    gone = (found == 0).flatten(1)
    assert torch.equal(gone.all(1), gone.any(1))
    torch.testing.assert_close(found[~gone.all(1)], x[~gone.all(1)] / 0.7)
    assert abs(gone.all(1).double().mean().item() - 0.3) < 4 * (0.3 * 0.7 / 2000) ** 0.5


def test_rows_too():
    assert set(StochasticDepth(0.5)(torch.ones(50, 3)).sum(1).tolist()) == {0.0, 6.0}


@pytest.mark.parametrize("layer", [StochasticDepth(0.0), StochasticDepth(0.9).eval()], ids=["rate 0", "evaluation"])
def test_nothing_is_changed_or_drawn(layer):
    x, before = torch.rand(3, 2, 5, 7), torch.get_rng_state()
    assert layer(x) is x
    assert torch.equal(before, torch.get_rng_state())


def test_the_draw_follows_the_global_generator():
    x = torch.ones(40, 3, 2, 5)
    torch.manual_seed(5)
    first = StochasticDepth(0.5)(x)
    torch.manual_seed(5)
    assert torch.equal(StochasticDepth(0.5)(x), first)
    assert not torch.equal(StochasticDepth(0.5)(x), first)
