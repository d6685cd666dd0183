"""RMSprop: slide 29 of the lecture; centred and with momentum as in Graves, 2013, arXiv 1308.0850."""

import pytest
import torch

from luthier.optim.optimizers import Adagrad, RMSprop

SETTINGS = [(0.0, (0.9, 0.0, False, 1e-8)), (0.3, (0.6, 0.8, False, 0.1)), (0.3, (0.6, 0.8, True, 0.1))]


@pytest.mark.parametrize(("decay", "settings"), SETTINGS)
def test_steps_of_rmsprop(compare, split, decay, settings):
    memory, momentum, centred, epsilon = settings

    def formula(weight, grads, decays):
        mean, square, velocity = (torch.zeros_like(weight) for _ in range(3))
        for raw in grads:
            grad = raw + (decay if decays else 0.0) * weight
            mean = memory * mean + (1 - memory) * grad
            square = memory * square + (1 - memory) * grad**2
            width = (square - mean**2 if centred else square).sqrt() + epsilon
            velocity = momentum * velocity + grad / width
            weight = weight - 0.07 * velocity
        return weight

    part = RMSprop(
        learning_rate=0.07, weight_decay=decay, memory=memory, momentum=momentum, centred=centred, epsilon=epsilon
    )
    own = {"alpha": memory, "momentum": momentum, "centered": centred, "eps": epsilon}
    compare(part, lambda made: torch.optim.RMSprop(split(made, 0.07, decay), **own), formula)


@pytest.mark.parametrize(("decay", "initial", "epsilon"), [(0.0, 0.0, 1e-10), (0.3, 0.2, 0.1)])
def test_steps_of_adagrad(compare, split, decay, initial, epsilon):
    def formula(weight, grads, decays):
        squares = torch.full_like(weight, initial)
        for raw in grads:
            grad = raw + (decay if decays else 0.0) * weight
            squares = squares + grad**2
            weight = weight - 0.07 * grad / (squares.sqrt() + epsilon)
        return weight

    part = Adagrad(learning_rate=0.07, weight_decay=decay, initial=initial, epsilon=epsilon)
    own = {"initial_accumulator_value": initial, "eps": epsilon}
    compare(part, lambda made: torch.optim.Adagrad(split(made, 0.07, decay), **own), formula)
