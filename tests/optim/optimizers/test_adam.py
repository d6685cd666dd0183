"""Adam: algorithm 1 of the paper."""

import pytest
import torch

from luthier.optim.optimizers import Adam, AdamW, NAdam, RAdam


@pytest.mark.parametrize(("decay", "memory"), [(0.0, (0.9, 0.999, 1e-8)), (0.3, (0.5, 0.7, 0.1))])
def test_steps_of_adam(compare, split, decay, memory):
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


@pytest.mark.parametrize(("decay", "memory"), [(0.0, (0.9, 0.999, 1e-8)), (0.3, (0.5, 0.7, 0.1))])
def test_steps_of_adamw(compare, split, decay, memory):
    beta1, beta2, epsilon = memory

    def formula(weight, grads, decays):
        mean, square = torch.zeros_like(weight), torch.zeros_like(weight)
        for number, grad in enumerate(grads, 1):
            weight = weight * (1 - 0.07 * decay) if decays else weight
            mean = beta1 * mean + (1 - beta1) * grad
            square = beta2 * square + (1 - beta2) * grad**2
            corrected = (square / (1 - beta2**number)).sqrt() + epsilon
            weight = weight - 0.07 * (mean / (1 - beta1**number)) / corrected
        return weight

    part = AdamW(learning_rate=0.07, weight_decay=decay, beta1=beta1, beta2=beta2, epsilon=epsilon)
    own = {"betas": (beta1, beta2), "eps": epsilon}
    compare(part, lambda made: torch.optim.AdamW(split(made, 0.07, decay), **own), formula)


SETTINGS = [(0.0, (0.9, 0.999, 1e-8, 0.004)), (0.3, (0.5, 0.7, 0.1, 0.5)), (0.3, (0.5, 0.7, 0.1, 0.0))]


@pytest.mark.parametrize(("decay", "memory"), SETTINGS)
def test_steps_of_nadam(compare, split, decay, memory):
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


@pytest.mark.parametrize(
    ("decay", "memory"), [(0.0, (0.9, 0.999, 1e-8)), (0.3, (0.5, 0.8, 0.1)), (0.3, (0.5, 0.5, 0.1))]
)
def test_steps_of_radam(compare, split, decay, memory):
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
