"""Lion: algorithm 2 of the paper; PyTorch has none to compare with."""

import pytest
import torch

from luthier.optim.optimizers import Lion


@pytest.mark.parametrize(("decay", "beta1", "beta2"), [(0.0, 0.9, 0.99), (0.3, 0.5, 0.7), (0.3, 0.0, 0.0)])
def test_steps(compare, decay, beta1, beta2):
    def formula(weight, grads, decays):
        mean = torch.zeros_like(weight)
        for grad in grads:
            direction = torch.sign(beta1 * mean + (1 - beta1) * grad)
            weight = weight - 0.07 * (direction + (decay if decays else 0.0) * weight)
            mean = beta2 * mean + (1 - beta2) * grad
        return weight

    compare(Lion(learning_rate=0.07, weight_decay=decay, beta1=beta1, beta2=beta2), None, formula)
