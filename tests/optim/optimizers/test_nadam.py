"""NAdam: algorithm 8 of the paper, with the momentum schedule of its section 3."""

import pytest
import torch

from luthier.optim.optimizers import NAdam

SETTINGS = [(0.0, (0.9, 0.999, 1e-8, 0.004)), (0.3, (0.5, 0.7, 0.1, 0.5)), (0.3, (0.5, 0.7, 0.1, 0.0))]


@pytest.mark.parametrize(("decay", "memory"), SETTINGS)
def test_steps(compare, split, decay, memory):
    beta1, beta2, epsilon, rise = memory

    def share(number):
        return beta1 * (1 - 0.5 * 0.96 ** (number * rise))

    def formula(weight, grads, decays):
        mean, square, product = torch.zeros_like(weight), torch.zeros_like(weight), 1.0
        for number, raw in enumerate(grads, 1):
            grad = raw + (decay if decays else 0.0) * weight
            now, then = share(number), share(number + 1)
            product *= now
            mean = beta1 * mean + (1 - beta1) * grad
            square = beta2 * square + (1 - beta2) * grad**2
            ahead = then * mean / (1 - product * then) + (1 - now) * grad / (1 - product)
            weight = weight - 0.07 * ahead / ((square / (1 - beta2**number)).sqrt() + epsilon)
        return weight

    part = NAdam(learning_rate=0.07, weight_decay=decay, beta1=beta1, beta2=beta2, epsilon=epsilon, momentum_decay=rise)
    own = {"betas": (beta1, beta2), "eps": epsilon, "momentum_decay": rise}
    reference = lambda made: torch.optim.NAdam(split(made, 0.07, decay), **own)  # noqa: E731
    compare(part, reference, formula, rtol=1e-5)  # PyTorch keeps the product in 32 bits
