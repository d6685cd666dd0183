"""Every sampler gives valid positions from its generator alone; each then keeps its own promise."""

import pytest
import torch

from luthier.data.samplers import SAMPLERS, Seen, Sequential, Shuffled

M, K = 13, 5


@pytest.fixture
def seen():
    return Seen(label=torch.arange(M) % K, loss=torch.full((M,), torch.inf), weight=torch.ones(M))


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("sampler", tuple(SAMPLERS), ids=lambda one: one.name)
def test_an_order_holds_positions_and_has_its_length(sampler, seen):
    order = sampler().order(3, seen, rng())
    assert order.dtype == torch.int64
    assert order.device.type == "cpu"
    assert order.shape == (sampler().length(M),)
    assert set(order.tolist()) <= set(range(M))


@pytest.mark.parametrize("sampler", tuple(SAMPLERS), ids=lambda one: one.name)
def test_the_same_generator_gives_the_same_order_and_global_draws_stay(sampler, seen):
    torch.manual_seed(3)
    expected = torch.rand(3).tolist()
    torch.manual_seed(3)
    first = sampler().order(3, seen, rng(7))
    assert torch.rand(3).tolist() == expected
    torch.manual_seed(99)
    assert sampler().order(3, seen, rng(7)).tolist() == first.tolist()


@pytest.mark.parametrize("sampler", tuple(SAMPLERS), ids=lambda one: one.name)
def test_what_was_seen_is_left_alone(sampler, seen):
    sampler().order(0, seen, rng())
    assert seen.label.tolist() == (torch.arange(M) % K).tolist()
    assert seen.loss.isinf().all()


@pytest.mark.parametrize("sampler", [Sequential, Shuffled])
def test_every_example_comes_once(sampler, seen):
    assert sorted(sampler().order(0, seen, rng()).tolist()) == list(range(M))
    assert sampler().length(M) == M
    assert not sampler.uses_losses


def test_sequential_is_the_order_of_the_data(seen):
    assert Sequential().order(5, seen, rng(1)).tolist() == list(range(M))


def test_shuffled_moves_with_its_generator(seen):
    orders = {tuple(Shuffled().order(0, seen, rng(seed)).tolist()) for seed in range(5)}
    assert len(orders) == 5


def test_shuffled_reaches_every_place_about_equally_often(seen):
    firsts = torch.stack([Shuffled().order(0, seen, rng(seed)) for seed in range(1300)])
    counts = torch.bincount(firsts[:, 0], minlength=M)
    assert counts.min() > 60
    assert counts.max() < 145
