"""Nesterov momentum: the velocity is applied once more, to the step itself."""

import pytest
import torch

from luthier.core.errors import BadInput
from luthier.optim import ParameterGroup
from luthier.optim.optimizers import Nesterov
from luthier.recipe.read import read_recipe


@pytest.mark.parametrize(("decay", "momentum"), [(0.0, 0.9), (0.3, 0.5)])
def test_steps(compare, split, decay, momentum):
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
