"""The loop: where it may be left, what it yields, whose random state it uses."""

import random
import sys
import threading
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from luthier.core.card import Card
from luthier.core.errors import BadInput
from luthier.data.samplers import Sampler
from luthier.testing.compare import difference
from luthier.testing.material import rows
from luthier.testing.training import Trained, prepared, start_training
from luthier.training import start, train


def test_the_callers_random_state_is_its_own():
    """At every yield, after a training that was left, and after one that was finished."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        before = (torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate())

        def same():
            now = (torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate())
            return torch.equal(before[0], now[0]) and before[1:] == now[1:]

        trainer = prepared().trainer
        state = start(trainer)
        run = train(trainer, state)
        assert same()
        for _ in run:
            assert same()
        assert same()
        left = train(prepared().trainer, start(prepared().trainer))
        next(left)
        assert same()


def test_what_the_caller_draws_between_steps_changes_nothing():
    quiet, noisy = (start_training(lambda: prepared().trainer) for _ in range(2))
    quiet.advance()
    while noisy.state.epoch < 3:
        noisy.advance(noisy.state.step + 1)
        torch.rand(3)
    assert difference(quiet.tree(), noisy.tree()) is None


def test_rows_come_with_the_step_that_ends_an_epoch():
    trainer = prepared().trainer
    kinds = [[row["kind"] for row in found] for found in train(trainer, start(trainer))]
    assert kinds == [[], [], [], [], ["train", "validation"]] * 3


def test_a_training_may_be_left_and_gone_on_with():
    whole = start_training(lambda: prepared().trainer).advance()
    trainer = prepared().trainer
    state = start(trainer)
    for _ in range(4):
        next(train(trainer, state))
    rest = [row for found in train(trainer, state) for row in found]
    assert difference(Trained(trainer, state).tree(), whole.tree()) is None
    assert rest == whole.rows


def test_without_a_validation_part_there_are_no_scores():
    done = start_training(lambda: prepared({"split": {"validation": 0}}).trainer).advance()
    assert done.state.scores == []
    assert {row["kind"] for row in done.rows} == {"train"}


@pytest.mark.parametrize("size", [6, 32])
def test_batch_norm_never_meets_a_batch_of_one(size):
    """33 examples leave one over in batches of 32, as do 37 in batches of 6; the batches are evened out."""
    count = {32: 53, 6: 58}[size]
    network = nn.Sequential(nn.Linear(7, 5), nn.BatchNorm1d(5), nn.Linear(5, 3))
    sections = {"training": {"epochs": 2, "batch_size": size}}
    one = start_training(lambda: prepared(sections, network, rows(count)).trainer)
    assert len(one.trainer.training.examples) % size == 1
    one.advance()
    assert all(bool(t.isfinite().all()) for t in one.tree()["network"].values())


class Wrong(Sampler):
    """Gives another length than it declares."""

    name = "wrong"
    card = Card(summary="Wrong.", source="tests")

    def length(self, examples):
        return examples + 3

    def order(self, epoch, seen, rng):
        return torch.arange(len(seen.label))


def test_an_order_of_another_length_is_refused():
    with pytest.raises(BadInput) as caught:
        start_training(lambda: prepared({"sampling": Wrong()}).trainer).advance(1)
    assert str(caught.value) == (
        "sampling.wrong must give an order of the length it declares, 45, but gave shape (42,); "
        "mend its `order` or its `length`"
    )


class Twice(Wrong):
    """Each example twice."""

    name = "twice"

    def length(self, examples):
        return 2 * examples

    def order(self, epoch, seen, rng):
        return torch.arange(len(seen.label)).repeat(2)


def test_a_sampler_may_give_a_longer_order():
    done = start_training(lambda: prepared({"sampling": Twice()}).trainer).advance()
    assert done.state.step == 3 * 10  # 84 positions in batches of at most 9
    assert done.trainer.training.total == 30


def test_epochs_of_one_step():
    sections = {"training": {"epochs": 3, "batch_size": 1000}}
    done = start_training(lambda: prepared(sections).trainer).advance()
    assert (done.state.step, done.state.epoch, done.state.position) == (3, 3, 0)
    assert [row["steps"] for row in done.rows if row["kind"] == "train"] == [1, 1, 1]


RECIPES = {
    "dropout": {},
    "augmentation": {"augment": ["noise", "rotation"]},
    "mixup": {"tricks": ["mixup"]},
    "sam": {"tricks": ["sam"], "sampling": "balanced"},
}


def in_threads(work):
    """Do several things at once, each beginning when all are there; return what they gave."""
    ready, found = threading.Barrier(len(work)), [None] * len(work)

    def do(number):
        ready.wait(60)
        found[number] = work[number]()

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(work))]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # so that they meet in many places
    try:
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    finally:
        sys.setswitchinterval(before)
    return found


def test_trainings_in_threads_of_a_process_give_the_bits_of_each_alone():
    def bits(seed, name):
        return start_training(lambda: prepared({"seed": seed, **RECIPES[name]}).trainer).advance().tree()

    work = [partial(bits, seed, name) for seed, name in enumerate(RECIPES)]
    alone = [one() for one in work]
    for found, expected in zip(in_threads(work), alone, strict=True):
        assert difference(found, expected) is None


def test_building_and_evaluating_in_other_threads_moves_no_training():
    def built():
        return [prepared({"model": "lenet5", "seed": 7, "data": {"size": 14}}).trainer for _ in range(5)][-1].network

    def trained():
        return start_training(lambda: prepared().trainer).advance().tree()

    alone = (dict(built().state_dict()), trained())
    network, tree, _ = in_threads([built, trained, trained])
    assert difference(dict(network.state_dict()), alone[0]) is None and difference(tree, alone[1]) is None
