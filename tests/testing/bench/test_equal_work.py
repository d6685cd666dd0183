"""A comparison of speeds means something only where all do the same: this is what the benchmark promises."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

from luthier.core.rng import generator
from luthier.data import load
from luthier.recipe.build import Prepared
from luthier.testing.bench.contest import make_contenders
from luthier.testing.bench.plain_pytorch import (
    MNIST,
    Pictures,
    Work,
    build_lenet5,
    build_plain_model,
    describe_work,
    make_pictures,
    prepare_default,
    train_from_tensor,
)
from luthier.training import start, train

STEPS = 30


@pytest.fixture
def prepared() -> Prepared:
    """Ten full batches of 64 random pictures per epoch, and ten pictures that do not fill another."""
    return prepare_default(make_pictures((650, *MNIST[1:])), STEPS)


@pytest.fixture
def work(prepared: Prepared) -> Work:
    return describe_work(prepared)


@pytest.fixture
def updates() -> Iterator[Counter[int]]:
    """Counts the steps of every optimizer there is, by its id."""
    counts: Counter[int] = Counter()

    def count(optimizer: torch.optim.Optimizer, *arguments: object) -> None:
        counts[id(optimizer)] += 1

    handle = register_optimizer_step_post_hook(count)
    yield counts
    handle.remove()


def luthiers_order(prepared: Prepared) -> Callable[[int], torch.Tensor]:
    """Give each epoch the order in which Luthier's default sampler takes the examples."""
    epochs = iter(range(10**6))
    return lambda count: torch.randperm(count, generator=generator(prepared.recipe.seed, "order", next(epochs)))


def first_losses(prepared: Prepared, steps: int) -> torch.Tensor:
    """The loss of each of Luthier's first steps (steps,), fewer than an epoch has, as its end clears them."""
    state = start(prepared.trainer)
    list(islice(train(prepared.trainer, state), steps))
    return torch.stack(state.pending)[:, 0]


def epoch_losses(prepared: Prepared, steps: int) -> torch.Tensor:
    """The mean loss of each of Luthier's epochs."""
    rows = [row for rows in islice(train(prepared.trainer, start(prepared.trainer)), steps) for row in rows]
    return torch.tensor([row["loss"] for row in rows])


def plain_losses(work: Work, shuffle: Callable[[int], torch.Tensor], steps: int) -> torch.Tensor:
    return torch.stack(list(islice(train_from_tensor(work, shuffle), steps)))


def test_the_plain_network_is_lenet5() -> None:
    assert sum(one.numel() for one in build_lenet5().parameters()) == 61_706


def test_all_start_from_the_same_weights(prepared: Prepared, work: Work) -> None:
    plain = build_plain_model(work)
    for ours, theirs in zip(prepared.trainer.network.parameters(), plain.parameters(), strict=True):
        assert ours.data_ptr() != theirs.data_ptr()
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


@pytest.mark.parametrize("name", ["luthier", "plain-tensor", "plain-loader"])
def test_each_item_is_one_update(name: str, prepared: Prepared, work: Work, updates: Counter[int]) -> None:
    for taken, _ in enumerate(islice(make_contenders(prepared, work)[name], STEPS), start=1):
        assert list(updates.values()) == [taken]
    assert taken == STEPS


def test_every_batch_is_full(prepared: Prepared, work: Work) -> None:
    assert prepared.trainer.steps_per_epoch == 10
    assert len(work.pictures) == len(work.labels) == 10 * work.batch_size == len(prepared.trainer.training.examples)


def test_equal_order_gives_equal_losses(prepared: Prepared, work: Work) -> None:
    """Step by step, while rounding has not grown yet."""
    plain = plain_losses(work, luthiers_order(prepared), 9)
    torch.testing.assert_close(first_losses(prepared, 9), plain, rtol=1e-5, atol=1e-5)


def test_equal_order_gives_equal_epochs(prepared: Prepared, work: Work) -> None:
    """Over the whole rise and fall of the learning rate."""
    plain = plain_losses(work, luthiers_order(prepared), STEPS).view(3, 10).mean(1)
    torch.testing.assert_close(epoch_losses(prepared, STEPS), plain, rtol=1e-4, atol=1e-4)


def test_another_order_gives_other_losses(prepared: Prepared, work: Work) -> None:
    """Without this, the tests above might compare losses that nothing tells apart."""
    assert (first_losses(prepared, 9) - plain_losses(work, torch.arange, 9)).abs().max() > 1e-2


@pytest.mark.parametrize(
    "change", [{"rate": 0.0022}, {"decay": 1.0}, {"betas": (0.8, 0.999)}, {"factor": lambda step: 1.0}]
)
def test_another_update_gives_other_epochs(change: dict[str, Any], prepared: Prepared, work: Work) -> None:
    """Each part of the update is seen in the losses."""
    plain = plain_losses(replace(work, **change), luthiers_order(prepared), STEPS).view(3, 10).mean(1)
    assert (epoch_losses(prepared, STEPS) - plain).abs().max() > 1e-3


def test_the_loader_gives_the_same_pictures(prepared: Prepared, work: Work) -> None:
    pictures, labels = zip(*map(Pictures(work).__getitem__, range(70)), strict=True)
    batch = prepared.trainer.training.examples.batch(torch.arange(70))
    ours = prepared.trainer.network.standardise(batch.inputs)
    torch.testing.assert_close(torch.stack(pictures), ours, rtol=1e-5, atol=1e-5)
    assert list(labels) == batch.label.tolist()


def test_small_pictures_reach_all_in_the_same_size() -> None:
    work = describe_work(prepare_default(load("digits"), 1))
    assert work.pictures.shape == (1792, 28, 28, 1)
    assert work.pictures.dtype == torch.uint8
    assert np.unique(work.labels).tolist() == list(range(10))
