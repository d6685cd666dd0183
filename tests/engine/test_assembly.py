"""What an assembly says of its parts."""

import torch

from luthier.testing.material import SmallNet
from luthier.testing.training import prepared


def test_parameters_by_name_are_those_of_the_optimizer():
    a = prepared().assembly
    assert set(a.parameters) == {name for name, _ in a.network.named_parameters()}
    assert all(a.parameters[name] is one for name, one in a.network.named_parameters())


def test_what_is_frozen_is_not_updated():
    module = SmallNet()
    module.conv.weight.requires_grad_(False)
    a = prepared(module=module).assembly
    assert "body.conv.weight" not in a.parameters
    assert "body.conv.bias" in a.parameters


def test_steps_of_an_epoch():
    assert prepared().assembly.steps_per_epoch == 5
    assert prepared({"training": {"epochs": 2, "batch_size": 100}}).assembly.steps_per_epoch == 1


def test_the_users_module_is_copied():
    module = SmallNet()
    a = prepared(module=module).assembly
    assert a.network.body is not module
    assert torch.equal(a.network.body.conv.weight, module.conv.weight)
