"""What an assembly says of its parts."""

import torch

from luthier.testing.material import SmallNet
from luthier.testing.training import prepared


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
