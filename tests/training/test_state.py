"""The state goes into a tree and comes back."""

import pytest
import torch

from luthier.testing.material import SmallNet
from luthier.testing.training import prepared
from luthier.training import TrainState

CPU = torch.device("cpu")


def state(**values):
    return TrainState(torch.tensor([1.0, torch.inf]), torch.tensor(False), **values)


def same(first, second):
    assert first.tree().keys() == second.tree().keys()
    for key, value in first.tree().items():
        other = second.tree()[key]
        assert torch.equal(value, other) if isinstance(value, torch.Tensor) else value == other, key


def test_there_and_back():
    pending = [torch.tensor([0.5, 2.0, 0.0]), torch.tensor([0.25, torch.inf, 1.0])]
    one = state(
        step=7, epoch=1, position=2, order=torch.tensor([1, 0]), memory={"a": {"b": 1}}, scores=[-0.5], pending=pending,
        stopped=True, micro_batch=3,
    )  # fmt: skip
    again = TrainState.from_tree(one.tree(), CPU)
    same(one, again)
    assert (again.step, again.epoch, again.position, again.micro_batch) == (7, 1, 2, 3)
    assert again.order.tolist() == [1, 0]
    assert again.losses.tolist() == [1.0, torch.inf]
    assert again.memory == {"a": {"b": 1}}
    assert again.scores == [-0.5]
    assert again.stopped
    assert [row.tolist() for row in again.pending] == [[0.5, 2.0, 0.0], [0.25, torch.inf, 1.0]]
    assert not again.bad


def test_before_the_first_step():
    again = TrainState.from_tree(state().tree(), CPU)
    same(state(), again)
    assert again.pending == []
    assert not again.bad


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_a_step_that_was_not_finite_is_remembered(bad):
    pending = [torch.tensor([0.5, 2.0]), torch.tensor([0.5, bad])]
    assert bool(TrainState.from_tree(state(pending=pending).tree(), CPU).bad)


def test_a_checkpoint_from_before_steps_could_be_skipped():
    tree = state(pending=[torch.tensor([0.5, 2.0])]).tree()
    del tree["micro_batch"]
    again = TrainState.from_tree(tree, CPU)
    assert (again.micro_batch, [one.tolist() for one in again.pending], bool(again.bad)) == (
        None,
        [[0.5, 2.0, 0.0]],
        False,
    )


def test_parameters_by_name_are_those_of_the_optimizer():
    trainer = prepared().trainer
    assert set(trainer.parameters) == {name for name, _ in trainer.network.named_parameters()}
    assert all(trainer.parameters[name] is one for name, one in trainer.network.named_parameters())


def test_what_is_frozen_is_not_updated():
    module = SmallNet()
    module.conv.weight.requires_grad_(False)
    trainer = prepared(module=module).trainer
    assert "body.conv.weight" not in trainer.parameters
    assert "body.conv.bias" in trainer.parameters


def test_steps_of_an_epoch():
    assert prepared().trainer.steps_per_epoch == 5
    assert prepared({"training": {"epochs": 2, "batch_size": 100}}).trainer.steps_per_epoch == 1


def test_the_users_module_is_copied():
    module = SmallNet()
    trainer = prepared(module=module).trainer
    assert trainer.network.body is not module
    assert torch.equal(trainer.network.body.conv.weight, module.conv.weight)
