"""Adagrad: the diagonal form of the paper."""

import pytest
import torch

from luthier.optim.optimizers import Adagrad


@pytest.mark.parametrize(("decay", "initial", "epsilon"), [(0.0, 0.0, 1e-10), (0.3, 0.2, 0.1)])
def test_steps(compare, split, decay, initial, epsilon):
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
