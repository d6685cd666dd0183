"""Accumulation: the gradient of a batch in parts is the gradient of the batch."""

import pytest
import torch
from torch import nn

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.errors import BadInput
from luthier.core.rng import generator
from luthier.testing.material import rows
from luthier.testing.training import check_resumes, prepared, start_training
from luthier.training import start
from luthier.training.loop import draw_order
from luthier.training.step import next_batch, plain_backward
from luthier.training.trick import StepContext, Trick, cut_batch_rows
from luthier.training.tricks import GradientAccumulation

from ...contracts.toys.double import widened
from ...contracts.toys.spy import Spy

BATCH = 11


def first_batch(a, state):
    """The first batch, augmentation left out, in 64 bits and with weights that differ."""
    state.order = draw_order(a, state)
    batch = widened(next_batch(a, state))
    return batch.replace(weight=torch.rand(len(batch), generator=generator(0, "weights"), dtype=torch.float64) + 0.5)


def gradient(size, share=1.0):
    """Outcome and gradients of one batch in parts of at most size, on lenet5 in 64 bits."""
    sections = {"model": "lenet5", "data": {"size": 14}, "training": {"epochs": 1, "batch_size": BATCH}}
    trainer = prepared(sections).trainer
    state = start(trainer)
    batch = first_batch(trainer, state)
    trainer.network.double()
    now = StepContext(trainer.training, 0, 0)
    backward = GradientAccumulation(micro_batch=size).wrap_backward(plain_backward(trainer, state, now), {}, now)
    outcome = backward(batch, share)
    return outcome, {name: one.grad for name, one in trainer.network.named_parameters()}, batch


@pytest.mark.parametrize("size", [1, 2, 3, 5, 10])
def test_parts_equal_the_whole_to_64_bits(size):
    whole, expected, _ = gradient(BATCH)
    pieces, found, _ = gradient(size)
    assert len(whole.losses) == BATCH
    torch.testing.assert_close(pieces.losses, whole.losses, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(pieces.mean, whole.mean, rtol=1e-12, atol=0)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-14)
    assert any(bool((found[name] != expected[name]).any()) for name in found)  # it was summed in another order


@pytest.mark.parametrize("share", [0.25, torch.tensor(0.25, dtype=torch.float64)])
def test_a_share_of_the_gradient(share):
    _, expected, _ = gradient(BATCH)
    _, found, _ = gradient(4, share)
    torch.testing.assert_close(found, {name: one / 4 for name, one in expected.items()}, rtol=1e-9, atol=1e-15)


def test_gradients_are_added_to_those_that_are_there():
    trainer = prepared({"model": "lenet5", "data": {"size": 14}}).trainer
    state = start(trainer)
    batch = first_batch(trainer, state)
    trainer.network.double()
    backward = plain_backward(trainer, state, StepContext(trainer.training, 0, 0))
    backward(batch, 1.0)
    once = {name: one.grad.clone() for name, one in trainer.network.named_parameters()}
    backward(batch, 0.5)
    for name, one in trainer.network.named_parameters():
        torch.testing.assert_close(one.grad, once[name] * 1.5, rtol=1e-12, atol=0)


def test_cut_covers_the_batch_in_order():
    _, _, batch = gradient(BATCH)
    pieces = cut_batch_rows(batch.replace(aux={"two": torch.arange(22).view(22, 1)}), 4)
    assert [len(one) for one in pieces] == [4, 4, 3]
    assert torch.cat([one.index for one in pieces]).tolist() == batch.index.tolist()
    assert [one.aux["two"].flatten().tolist() for one in pieces] == [[*range(8)], [*range(8, 16)], [*range(16, 22)]]


def test_a_training_in_parts_follows_the_plain_one():
    sections = {"model": "lenet5", "data": {"size": 14}}
    plain, parts = Spy(), Spy()
    tricks = [parts, GradientAccumulation(micro_batch=3)]
    start_training(lambda: prepared({**sections, "tricks": [plain]}).trainer).advance()
    done = start_training(lambda: prepared({**sections, "tricks": tricks}).trainer).advance()
    assert len(parts.weights) == len(plain.weights) == 15
    assert [len(one.batch) for one in parts.passes[3:9]] == [3, 3, 3, 3, 3, 2]
    torch.testing.assert_close(parts.weights[-1], plain.weights[-1], rtol=1e-4, atol=1e-5)
    means = torch.tensor([float(one.losses.mean()) * len(one.batch) for one in parts.passes[:15]]).view(5, 3).sum(1)
    expected = (means / torch.tensor([9, 9, 8, 8, 8])).mean()
    assert done.rows[0]["loss"] == pytest.approx(float(expected), rel=1e-6)


def test_a_part_of_which_no_example_counts_changes_nothing():
    sections = {"model": "lenet5", "data": {"size": 14}, "training": {"epochs": 1, "batch_size": BATCH}}
    found = []
    for size in (BATCH, 4):
        trainer = prepared(sections).trainer
        state = start(trainer)
        batch = first_batch(trainer, state)
        batch = batch.replace(weight=batch.weight * (torch.arange(BATCH) >= 4))
        trainer.network.double()
        now = StepContext(trainer.training, 0, 0)
        GradientAccumulation(micro_batch=size).wrap_backward(plain_backward(trainer, state, now), {}, now)(batch, 1.0)
        found.append({name: one.grad for name, one in trainer.network.named_parameters()})
    torch.testing.assert_close(found[1], found[0], rtol=1e-9, atol=1e-14)


def test_a_size_that_does_not_divide_is_refused_before_training():
    with pytest.raises(BadInput) as caught:
        prepared({"training": {"epochs": 1, "batch_size": 20}, "tricks": [GradientAccumulation(micro_batch=8)]})
    assert str(caught.value) == (
        "tricks.gradient-accumulation.micro_batch must divide training.batch_size = 20, but got 8; "
        "set it to 5, or change the batch size"
    )
    assert prepared({"training": {"epochs": 1, "batch_size": 20}, "tricks": [GradientAccumulation(micro_batch=21)]})


class Lone(nn.Module):
    """A batch norm of rows: it gets one value of each channel from one example."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(7)
        self.full = nn.Linear(7, 3)

    def forward(self, x):
        return self.full(self.norm(x))


@pytest.mark.parametrize("size", [1, 2])
def test_parts_too_small_for_a_batch_norm_are_refused(size):
    with pytest.raises(BadInput, match=r"body.norm may get one where .*micro_batch = \d; set it to 3 or more"):
        prepared(
            {"training": {"epochs": 1, "batch_size": 8}, "tricks": [GradientAccumulation(micro_batch=size)]},
            Lone(),
            rows(),
        )


@pytest.mark.parametrize("size", [*range(3, 12), 16])
def test_from_three_on_no_part_holds_a_single_example(size):
    for count in range(2, 40):
        batch = Batch(*[torch.zeros(count, 1)] * 4, torch.arange(count))
        assert 2 <= min(map(len, cut_batch_rows(batch, size))) <= max(map(len, cut_batch_rows(batch, size))) <= size


class Echo(Trick):
    """Sends the inputs through once more inside the loss, as consistency and distillation do."""

    name = "echo"
    card = TrickCard(summary="A second forward pass.", source="the tests of Luthier")

    def edit_loss(self, losses, batch, logits, trick_state, context):
        context.forward(batch.inputs)
        return losses


def test_each_part_of_a_batch_draws_its_own_mask():
    def make():
        return prepared(
            {"training": {"epochs": 1, "batch_size": 12}, "tricks": [Echo(), GradientAccumulation(micro_batch=4)]}
        ).trainer

    done = start_training(make).advance(2)
    drawn = done.trainer.network.body.mask.drawn
    assert len(drawn) == 12 and len(set(drawn)) == 12  # two steps of three parts, each with its echo
    check_resumes(make, "an echo in parts")
