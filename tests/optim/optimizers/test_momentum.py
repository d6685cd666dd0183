"""Momentum, and parameters that begin to learn later than others."""

import pytest
import torch

from luthier.optim import parameter_groups
from luthier.optim.optimizers import Momentum


@pytest.mark.parametrize(("decay", "momentum"), [(0.0, 0.9), (0.3, 0.5), (0.3, 0.0)])
def test_steps(compare, split, decay, momentum):
    def formula(weight, grads, decays):
        velocity = torch.zeros_like(weight)
        for grad in grads:
            velocity = momentum * velocity + grad + (decay if decays else 0.0) * weight
            weight = weight - 0.07 * velocity
        return weight

    part = Momentum(learning_rate=0.07, weight_decay=decay, momentum=momentum)
    compare(part, lambda made: torch.optim.SGD(split(made, 0.07, decay), momentum=momentum), formula)


def test_a_parameter_may_join_later():
    """Its velocity begins with its first gradient, whatever the others have done by then."""
    network = torch.nn.Linear(3, 2)
    built = Momentum(learning_rate=0.5, momentum=0.9).build(parameter_groups(network))
    before = network.bias.detach().clone()
    for step in range(4):
        network.weight.grad = torch.ones(2, 3)
        network.bias.grad = torch.ones(2) if step > 1 else None
        built.step()
    torch.testing.assert_close(network.bias.detach(), before - 0.5 * (1 + 1.9))


def test_without_momentum_there_is_nothing_to_remember():
    network = torch.nn.Linear(3, 2)
    built = Momentum(momentum=0.0).build(parameter_groups(network))
    assert built.state_dict()["state"] == {}
