"""The sum of a branch and its shortcut."""

import pytest
import torch
from torch import nn

from luthier.models.modules import PaddedShortcut, Parallel, Residual, StochasticDepth


def test_the_sum_and_what_follows():
    x = torch.tensor([[1.0, -3.0]])
    assert Residual(nn.ReLU(), nn.Identity())(x).tolist() == [[2.0, -3.0]]
    assert Residual(nn.ReLU(), nn.Identity(), nn.ReLU())(x).tolist() == [[2.0, 0.0]]


def test_the_padded_shortcut_takes_every_second_pixel_and_adds_zeros():
    x = torch.arange(2 * 3 * 5 * 7.0).view(2, 3, 5, 7)
    found = PaddedShortcut(stride=2, more=4)(x)
    assert found.shape == (2, 7, 3, 4)
    assert torch.equal(found[:, :3], x[:, :, [0, 2, 4]][..., [0, 2, 4, 6]])
    assert not found[:, 3:].any()


def test_a_shortcut_of_stride_1_and_no_more_maps_changes_nothing():
    x = torch.rand(2, 3, 5, 7)
    assert torch.equal(PaddedShortcut(stride=1, more=0)(x), x)


def test_the_maps_of_the_branches_follow_one_another():
    x = torch.rand(2, 3, 5, 7) - 0.5
    found = Parallel(nn.ReLU(), nn.Conv2d(3, 4, 1), nn.Identity())(x)
    assert found.shape == (2, 10, 5, 7)
    assert torch.equal(found[:, :3], x.clamp(min=0)) and torch.equal(found[:, 7:], x)


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
