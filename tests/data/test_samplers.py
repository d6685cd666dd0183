"""Every sampler gives valid positions from its generator alone; each then keeps its own promise."""

import pytest
import torch

from luthier.data.samplers import (
    SAMPLERS,
    Balanced,
    Curriculum,
    HardExamples,
    Seen,
    Sequential,
    Shuffled,
    SquareRootBalanced,
    Weighted,
)

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


def count_draws(sampler, *, epoch=1, label=None, loss=None, weight=None, seed=0):
    """Count how often each example comes; what a sampler does not look at is alike for all."""
    examples = next(len(values) for values in (label, loss, weight) if values is not None)
    label = torch.zeros(examples, dtype=torch.int64) if label is None else label
    seen = Seen(label, torch.tensor(loss or [1.0] * examples), torch.tensor(weight or [1.0] * examples))
    return sampler.order(epoch, seen, rng(seed)).bincount(minlength=examples).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_balanced_draws_every_class_equally_often(seed):
    """Of 1, 4 and 16 examples each class gets 7 of 21 draws; within a class its examples take turns."""
    counts = count_draws(Balanced(), label=torch.tensor([0] + [1] * 4 + [2] * 16), seed=seed)
    assert counts[0] == 7
    assert sorted(counts[1:5]) == [1, 2, 2, 2]
    assert sorted(counts[5:]) == [0] * 9 + [1] * 7


@pytest.mark.parametrize("seed", range(5))
def test_square_root_balanced_draws_a_class_by_the_root_of_its_size(seed):
    """The roots of 4 and 36 are 2 and 6, which share 40 draws as 10 and 30."""
    counts = count_draws(SquareRootBalanced(), label=torch.tensor([0] * 4 + [1] * 36), seed=seed)
    assert sorted(counts[:4]) == [2, 2, 3, 3]
    assert sorted(counts[4:]) == [0] * 6 + [1] * 30


@pytest.mark.parametrize("seed", range(5))
def test_weighted_draws_an_example_as_often_as_its_weight_says(seed):
    assert count_draws(Weighted(), weight=[0.0, 0.5, 0.5, 1.0], seed=seed) == [0, 1, 1, 2]


@pytest.mark.parametrize("seed", range(5))
def test_hard_examples_follow_the_loss_and_one_not_yet_seen_counts_as_the_hardest(seed):
    loss = [0.0, 0.0, 0.5, 1.0, torch.inf, 0.5]
    assert count_draws(HardExamples(alike=0.0), loss=loss, seed=seed) == [0, 0, 1, 2, 2, 1]
    assert count_draws(HardExamples(alike=1.0), loss=loss, seed=seed) == [1] * 6


def test_hard_examples_mix_in_all_alike():
    """Half of 4 draws falls on all alike: 0.5 on an example without loss, 1.5 on each of the two that have it all."""
    counts = [count_draws(HardExamples(alike=0.5), loss=[0.0, 0.0, 2.0, 2.0], seed=seed) for seed in range(20)]
    assert {first for first, *_ in counts} == {0, 1}
    assert {last for *_, last in counts} == {1, 2}


@pytest.mark.parametrize("epoch", range(5))
def test_a_curriculum_begins_with_the_easiest_and_grows_evenly(epoch):
    """The first epoch has all 8, for the losses; then come the 4 easiest, the 6 easiest, and all again."""
    loss = [8.0, 1.0, 7.0, 2.0, 6.0, 3.0, 5.0, 4.0]
    easiest = [1, 3, 5, 7, 6, 4, 2, 0]
    counts = count_draws(Curriculum(start=0.5, epochs=3), epoch=epoch, loss=loss)
    kept = {1: 4, 2: 6}.get(epoch, 8)
    assert {place for place, count in enumerate(counts) if count} == set(easiest[:kept])
    assert max(counts) - min(counts[place] for place in easiest[:kept]) <= 1
