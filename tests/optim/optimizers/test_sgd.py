"""Stochastic gradient descent."""

import pytest
import torch

from luthier.optim.optimizers import SGD


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_steps(compare, split, decay):
    def formula(weight, grads, decays):
        for grad in grads:
            weight = weight - 0.07 * (grad + (decay if decays else 0.0) * weight)
        return weight

    part = SGD(learning_rate=0.07, weight_decay=decay)
    compare(part, lambda made: torch.optim.SGD(split(made, 0.07, decay)), formula)
