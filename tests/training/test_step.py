"""The training step: the same as a plain loop, and closed to numbers that are not finite."""

import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from luthier.core.card import TrickCard
from luthier.core.declare import hyperparameter
from luthier.core.errors import Diverged
from luthier.core.rng import generator
from luthier.optim import OPTIMIZERS
from luthier.testing.compare import difference
from luthier.testing.material import pictures
from luthier.testing.training import Trained, prepared, start_training
from luthier.training.checkpoint import open_checkpoint, restore, save
from luthier.training.loop import draw_order, start
from luthier.training.step import batch_bounds, next_batch
from luthier.training.trick import Trick

LENET = {"model": "lenet5", "data": {"size": 14}}


FUSED = {"adagrad", "adam", "adamw", "momentum", "nesterov", "sgd"}


"""Optimizers that can skip a step on the device."""


def parameters(one):
    return {name: each.detach().clone() for name, each in one.trainer.network.named_parameters()}


def by_hand(seed, epochs, size):
    """A plain loop over the same order: losses of all steps, and the network at the end."""
    trainer = prepared({**LENET, "seed": seed}).trainer
    network, examples = trainer.network.train(), trainer.training.examples
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, foreach=False)
    losses = []
    for epoch in range(epochs):
        order = torch.randperm(len(examples), generator=generator(seed, "order", epoch))
        for positions in order.tensor_split(-(-len(order) // size)):
            index = examples.indices[positions]
            loss = F.cross_entropy(network(examples.inputs(index)), examples.labels[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses, network


def test_it_is_a_plain_loop():
    sections = {"optimizer": {"name": "sgd", "learning_rate": 0.05}, "schedule": "constant", "seed": 3}
    done = start_training(lambda: prepared({**LENET, **sections}).trainer).advance()
    losses, network = by_hand(3, epochs=3, size=9)
    torch.testing.assert_close(dict(done.trainer.network.named_parameters()), dict(network.named_parameters()))
    found = [row["loss"] for row in done.rows if row["kind"] == "train"]
    assert found == pytest.approx([sum(losses[start : start + 5]) / 5 for start in (0, 5, 10)], rel=1e-5)


def test_examples_count_by_their_weight():
    """A batch in which one example has all the weight is a batch of that example."""

    class One(Trick):
        name = "one"
        card = TrickCard(summary="Weighs.", source="tests")

        def edit_batch(self, batch, trick_state, context):
            weight = torch.zeros(len(batch))
            weight[2] = 7.0
            return batch.replace(weight=weight)

    class Cut(One):
        name = "cut"

        def edit_batch(self, batch, trick_state, context):
            return batch.rows(2, 3)

    first, second = (
        start_training(lambda t=t: prepared({**LENET, "tricks": [t]}).trainer).advance(3) for t in (One(), Cut())
    )
    torch.testing.assert_close(parameters(first), parameters(second), rtol=1e-4, atol=1e-6)


def stopped_at(step, **sections):
    """The parameters and the optimizer before a step, and the error and the training after the end."""
    one = start_training(lambda: prepared({**LENET, **sections}).trainer).advance(step)
    before = parameters(one), copy.deepcopy(one.tree()["optimizer"])
    with pytest.raises(Diverged) as caught:
        one.advance()
    return before, str(caught.value), one


@pytest.mark.parametrize("optimizer", [*OPTIMIZERS.members, "unfused"])
@pytest.mark.parametrize("bad", [("loss", "nan"), ("loss", "inf"), ("gradient", "nan"), ("gradient", "-inf")])
@pytest.mark.parametrize("step", [0, 7, 9])
def test_a_bad_step_changes_nothing(step, bad, optimizer, poison, unfused):
    """Step 7 is read two steps later, step 9 at once; neither it nor what follows moves a weight."""
    part = unfused() if optimizer == "unfused" else optimizer
    what, value = bad
    tricks = [poison(at_step=step, what=what, value=value)]
    before, message, one = stopped_at(step, optimizer=part, tricks=tricks)
    assert one.trainer.gates_on_device == (optimizer in FUSED)
    assert difference(parameters(one), before[0]) is None
    # the first step of an optimizer makes its memory, which a skipped step must leave empty, not fill
    after = one.tree()["optimizer"]
    moments = [t for each in after.values() for t in each.values()] if step == 0 else []
    assert not any(bool(t.any()) for t in moments)
    assert step == 0 or difference(after, before[1]) is None
    assert f"step {step} (from 0) met non-finite values in the {what}, " in message


@pytest.mark.parametrize("step", [10, 49])
def test_within_a_long_epoch(step, poison):
    """Read after every 50 steps: step 10 of 42 at the epoch's end, step 49 at once."""
    sections = {"training": {"epochs": 2, "batch_size": 1}, "tricks": [poison(at_step=step)]}
    before, message, one = stopped_at(step, **sections)
    assert one.state.step == (42 if step == 10 else 50)
    assert difference(parameters(one), before[0]) is None
    assert f"step {step} (from 0) met non-finite values in the loss, " in message


@pytest.mark.parametrize("rate", ["1e+39", "1e+38"])
def test_weights_that_overflow(rate, spike, unfused):
    """Loss and gradient are finite, the step itself is too large: it is found in that step, the last of an epoch."""
    part = {"name": "adamw", "learning_rate": 1e39} if rate == "1e+39" else unfused(learning_rate=1e38)
    _, message, one = stopped_at(9, optimizer=part, schedule=spike(at_step=9))
    assert f"step 9 (from 0) met non-finite values in the weights, at learning rate {rate} on examples " in message
    assert "; the last good checkpoint is kept; " in message
    assert one.state.step == 10


def test_the_whole_message(poison):
    _, message, one = stopped_at(6, tricks=[poison(at_step=6)], schedule="constant", seed=2)
    trainer = one.trainer
    order = torch.randperm(42, generator=generator(2, "order", 1))
    examples = trainer.training.examples.indices[order[9:18]].tolist()
    assert message == (
        "loss, gradients and weights must stay finite, but step 6 (from 0) met non-finite values in the loss, "
        f"at learning rate 0.05 on examples {', '.join(map(str, examples))}; "
        "that step was not applied and the last good checkpoint is kept; lower optimizer.learning_rate"
    )


def test_many_examples_are_not_all_shown(poison):
    sections = {"training": {"epochs": 1, "batch_size": 11}, "tricks": [poison(at_step=0)]}
    _, message, _ = stopped_at(0, **sections)
    shown = message.partition(" on examples ")[2].partition(";")[0].split(", ")
    assert len(shown) == 11
    assert shown[-1] == "..."


def test_a_checkpoint_between_the_bad_step_and_its_reading(poison, tmp_path):
    """A signal may ask for one there: resumed, the gate is still closed and the error names the same step."""

    def make():
        return prepared({**LENET, "tricks": [poison(at_step=6)]}).trainer

    one = start_training(make).advance(6)
    before = parameters(one)
    one.advance(8)
    path = save(tmp_path, one.trainer, one.state, {})
    trainer = make()
    again = Trained(trainer, restore(open_checkpoint(path), trainer))
    assert bool(again.state.bad)
    with pytest.raises(Diverged, match=r"step 6 \(from 0\) met non-finite values in the loss"):
        again.advance()
    assert difference(parameters(again), before) is None


def test_a_gradient_that_is_left_out_freezes_its_parameter():
    class Freeze(Trick):
        name = "freeze"
        card = TrickCard(summary="Freezes.", source="tests")

        def edit_grads(self, grads, trick_state, context):
            return {name: grad for name, grad in grads.items() if "conv1" not in name}

    one = start_training(lambda: prepared({**LENET, "tricks": [Freeze()]}).trainer)
    before = parameters(one)
    one.advance()
    after = parameters(one)
    same = {name for name in before if torch.equal(before[name], after[name])}
    assert same == {"body.conv1.weight", "body.conv1.bias"}


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 10, 64])
def test_bounds_are_those_of_tensor_split(size):
    for length in range(1, 40):
        parts = torch.arange(length).tensor_split(-(-length // size))
        expected = [(int(part[0]), int(part[-1]) + 1) for part in parts]
        assert [batch_bounds(length, size, number) for number in range(len(parts))] == expected


def test_no_batch_is_tiny():
    """With 65 examples in batches of 64, batch norm would meet a batch of one if they were cut off at 64."""
    assert [batch_bounds(65, 64, number) for number in range(2)] == [(0, 33), (33, 65)]


class Wants(Trick):
    """Asks for a stream."""

    name = "wants"
    card = TrickCard(summary="Wants.", source="tests")

    ratio: int = hyperparameter(1, description="examples per example")

    def streams(self):
        return {"more": self.ratio}


MORE = pictures(23).inputs


def walked(ratio, epochs, seed=0):
    """Numbers of the stream's examples, batch by batch."""
    trainer = prepared({"tricks": [Wants(ratio=ratio)], "seed": seed}, extra={"more": MORE}).trainer
    state = start(trainer)
    known = {picture.tobytes(): number for number, picture in enumerate(MORE)}
    assert len(known) == 23
    found = []
    for epoch in range(epochs):
        state.epoch, state.order = epoch, draw_order(trainer, state)
        for position in range(trainer.steps_per_epoch):
            state.position = position
            batch = next_batch(trainer, state)
            taken = batch.aux["more"].mul(255).round().byte().permute(0, 2, 3, 1).numpy()
            assert len(taken) == ratio * len(batch)
            found.append([known[np.ascontiguousarray(one).tobytes()] for one in taken])
    return found


@pytest.mark.parametrize("ratio", [1, 2, 7])
def test_each_pass_of_a_stream_covers_all_its_examples(ratio):
    """However the passes lie to the batches and the epochs."""
    numbers = [one for batch in walked(ratio, 3) for one in batch]
    assert len(numbers) == 3 * 42 * ratio
    passes = [numbers[begin : begin + 23] for begin in range(0, len(numbers), 23)]
    assert all(sorted(one) == list(range(23)) for one in passes[:-1])
    assert len(set(passes[-1])) == len(passes[-1])
    assert len({tuple(one) for one in passes[:-1]}) == len(passes) - 1


def test_streams_follow_the_seed():
    assert walked(2, 1) == walked(2, 1)
    assert walked(2, 1) != walked(2, 1, seed=1)


def test_a_batch_larger_than_the_stream_takes_several_passes():
    """Nine examples with seven each are 63 of 23."""
    first = walked(7, 1)[0]
    assert len(first) == 63
    assert {first.count(number) for number in range(23)} == {2, 3}


def test_without_streams_there_is_no_aux():
    trainer = prepared().trainer
    state = start(trainer)
    state.order = draw_order(trainer, state)
    batch = next_batch(trainer, state)
    assert batch.aux == {}
    assert batch.index.tolist() == trainer.training.examples.indices[state.order[:9]].tolist()
    assert torch.equal(batch.target.argmax(1), batch.label)
    assert batch.weight.tolist() == [1.0] * 9
