"""The training step: the same as a plain loop, and closed to numbers that are not finite."""

import copy

import pytest
import torch
import torch.nn.functional as F

from luthier.core.card import TrickCard
from luthier.core.errors import Diverged
from luthier.core.rng import generator
from luthier.optim import OPTIMIZERS
from luthier.testing.compare import difference
from luthier.testing.training import Trained, prepared, start_training
from luthier.training.checkpoint import open_checkpoint, restore, save
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
