"""RAdam: algorithm 2 of the paper; before its sixth step the variance is not known, with the usual memory."""

import pytest
import torch

from luthier.optim.optimizers import RAdam


@pytest.mark.parametrize(
    ("decay", "memory"), [(0.0, (0.9, 0.999, 1e-8)), (0.3, (0.5, 0.8, 0.1)), (0.3, (0.5, 0.5, 0.1))]
)
def test_steps(compare, split, decay, memory):
    beta1, beta2, epsilon = memory
    longest = 2 / (1 - beta2) - 1

    def formula(weight, grads, decays):
        mean, square = torch.zeros_like(weight), torch.zeros_like(weight)
        for number, grad in enumerate(grads, 1):
            weight = weight * (1 - 0.07 * decay) if decays else weight
            mean = beta1 * mean + (1 - beta1) * grad
            square = beta2 * square + (1 - beta2) * grad**2
            length = longest - 2 * number * beta2**number / (1 - beta2**number)
            step = mean / (1 - beta1**number)
            if length > 5:
                over = (length - 4) * (length - 2) * longest
                under = (longest - 4) * (longest - 2) * length
                step = step * (over / under * (1 - beta2**number)) ** 0.5 / (square.sqrt() + epsilon)
            weight = weight - 0.07 * step
        return weight

    part = RAdam(learning_rate=0.07, weight_decay=decay, beta1=beta1, beta2=beta2, epsilon=epsilon)
    own = {"betas": (beta1, beta2), "eps": epsilon, "decoupled_weight_decay": True}
    compare(part, lambda made: torch.optim.RAdam(split(made, 0.07, decay), **own), formula)
