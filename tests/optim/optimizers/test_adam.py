"""Adam: algorithm 1 of the paper."""

import pytest
import torch

from luthier.optim.optimizers import Adam


@pytest.mark.parametrize(("decay", "memory"), [(0.0, (0.9, 0.999, 1e-8)), (0.3, (0.5, 0.7, 0.1))])
def test_steps(compare, split, decay, memory):
    beta1, beta2, epsilon = memory

    def formula(weight, grads, decays):
        mean, square = torch.zeros_like(weight), torch.zeros_like(weight)
        for number, raw in enumerate(grads, 1):
            grad = raw + (decay if decays else 0.0) * weight
            mean = beta1 * mean + (1 - beta1) * grad
            square = beta2 * square + (1 - beta2) * grad**2
            corrected = (square / (1 - beta2**number)).sqrt() + epsilon
            weight = weight - 0.07 * (mean / (1 - beta1**number)) / corrected
        return weight

    part = Adam(learning_rate=0.07, weight_decay=decay, beta1=beta1, beta2=beta2, epsilon=epsilon)
    own = {"betas": (beta1, beta2), "eps": epsilon}
    compare(part, lambda made: torch.optim.Adam(split(made, 0.07, decay), **own), formula)
