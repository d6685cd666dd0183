"""Stochastic gradient descent."""

import pytest
import torch

from luthier.core.errors import BadInput
from luthier.optim import ParameterGroup, group_parameters
from luthier.optim.optimizers import SGD, Momentum, Nesterov
from luthier.recipe.read import read_recipe


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_steps_of_sgd(compare, split, decay):
    def formula(weight, grads, decays):
        for grad in grads:
            weight = weight - 0.07 * (grad + (decay if decays else 0.0) * weight)
        return weight

    part = SGD(learning_rate=0.07, weight_decay=decay)
    compare(part, lambda made: torch.optim.SGD(split(made, 0.07, decay)), formula)


@pytest.mark.parametrize(("decay", "momentum"), [(0.0, 0.9), (0.3, 0.5), (0.3, 0.0)])
def test_steps_of_momentum(compare, split, decay, momentum):
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
    built = Momentum(learning_rate=0.5, momentum=0.9).build(group_parameters(network))
    before = network.bias.detach().clone()
    for step in range(4):
        network.weight.grad = torch.ones(2, 3)
        network.bias.grad = torch.ones(2) if step > 1 else None
        built.step()
    torch.testing.assert_close(network.bias.detach(), before - 0.5 * (1 + 1.9))


def test_without_momentum_there_is_nothing_to_remember():
    network = torch.nn.Linear(3, 2)
    built = Momentum(momentum=0.0).build(group_parameters(network))
    assert built.state_dict()["state"] == {}


@pytest.mark.parametrize(("decay", "momentum"), [(0.0, 0.9), (0.3, 0.5)])
def test_steps_of_nesterov(compare, split, decay, momentum):
    def formula(weight, grads, decays):
        velocity = torch.zeros_like(weight)
        for raw in grads:
            grad = raw + (decay if decays else 0.0) * weight
            velocity = momentum * velocity + grad
            weight = weight - 0.07 * (grad + momentum * velocity)
        return weight

    part = Nesterov(learning_rate=0.07, weight_decay=decay, momentum=momentum)
    own = {"momentum": momentum, "nesterov": True}
    compare(part, lambda made: torch.optim.SGD(split(made, 0.07, decay), **own), formula)


def test_it_is_the_gradient_at_the_place_looked_ahead_to():
    """Equation 3 of Sutskever et al., on a parabola, for the place that their velocity leads to."""
    weight = torch.nn.Parameter(torch.tensor([[1.0]], dtype=torch.float64))
    built = Nesterov(learning_rate=0.2, momentum=0.5).build([ParameterGroup({"weight": weight})])
    place, velocity = 1.0, 0.0
    for _ in range(5):
        weight.grad = weight.detach().clone()
        built.step()
        velocity = 0.5 * velocity - 0.2 * (place + 0.5 * velocity)
        place += velocity
        assert weight.item() == pytest.approx(place + 0.5 * velocity)


def test_without_momentum_there_is_nothing_ahead():
    with pytest.raises(BadInput) as caught:
        read_recipe({"optimizer": {"name": "nesterov", "momentum": 0.0}})
    assert str(caught.value) == (
        "optimizer.momentum must be a number above 0 and below 1, but got 0.0; "
        "share of the velocity kept; near 0 is plain descent, for which there is sgd (default 0.9)"
    )
