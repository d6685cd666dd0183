"""The battery for optimizers, over the catalogue and on broken ones."""

import pytest
import torch

from luthier.optim import OPTIMIZERS
from luthier.optim.optimizers import SGD, Adagrad, Adam, AdamW, Lion, Momentum, Muon, NAdam, Nesterov, RAdam, RMSprop
from luthier.testing import check_optimizer


@pytest.mark.parametrize("member", list(OPTIMIZERS), ids=lambda member: member.name)
def test_catalogue(member):
    check_optimizer(member(learning_rate=0.01))


ENDS = [
    Adagrad(initial=1.0, weight_decay=0.2),
    Adam(beta1=0.0, beta2=0.0, learning_rate=0.001),
    AdamW(beta1=0.0),
    Lion(beta1=0.0, beta2=0.0),
    Momentum(momentum=0.0),
    Muon(momentum=0.0, iterations=99, beta1=0.0),
    NAdam(momentum_decay=0.0),
    Nesterov(momentum=0.01),
    RAdam(beta2=0.0),
    RMSprop(centred=True, momentum=0.9, learning_rate=0.001),
    SGD(weight_decay=0.2),
    SGD(layer_decay=0.5),
    Muon(layer_decay=0.5),
]


@pytest.mark.parametrize("part", ENDS, ids=repr)
def test_ends_of_the_ranges(part):
    check_optimizer(part)


class Torch(torch.optim.SGD):
    """PyTorch's own, to be broken."""

    def __init__(self, groups):
        super().__init__(groups)


class Deaf(SGD):
    """Ignores the rates of groups."""

    def build(self, groups):
        return Torch([{**one, "lr": self.learning_rate} for one in self._torch_groups(groups)])


class Partial(SGD):
    """Forgets the last parameter."""

    def build(self, groups):
        made = self._torch_groups(groups)
        made[-1]["params"].pop()
        return Torch(made)


class Ascent(SGD):
    """Goes up."""

    def build(self, groups):
        return torch.optim.SGD(self._torch_groups(groups), maximize=True)


class Fills(Torch):
    """Decays what has no gradient."""

    def step(self, closure=None):
        for group in self.param_groups:
            for one in group["params"]:
                one.grad = torch.full_like(one, 0.1) if one.grad is None else one.grad
        super().step()


class Restless(SGD):
    """Moves parameters without a gradient."""

    def build(self, groups):
        return Fills(self._torch_groups(groups))


class Creeps(Torch):
    """Moves a little at any rate."""

    def step(self, closure=None):
        super().step()
        with torch.no_grad():
            for group in self.param_groups:
                for one in group["params"]:
                    one.sub_(0 if one.grad is None else 1e-4 * one.grad)


class Creeping(SGD):
    """Moves at rate 0."""

    def build(self, groups):
        return Creeps(self._torch_groups(groups))


class Pretends(Torch):
    """Says that it skips bad steps, and does not."""

    _step_supports_amp_scaling = True

    def step(self, closure=None):
        with torch.no_grad():
            for group in self.param_groups:
                for one in group["params"]:
                    one.sub_(group["lr"] * (0 if one.grad is None else one.grad))


class Pretending(SGD):
    """Cannot skip a step."""

    def build(self, groups):
        return Pretends(self._torch_groups(groups))


class Undecayed(SGD):
    """Has no weight decay."""

    def build(self, groups):
        return Torch([{**one, "weight_decay": 0.0} for one in self._torch_groups(groups)])


class Rotting(SGD):
    """Decays biases too."""

    def build(self, groups):
        return Torch([{**one, "weight_decay": self.weight_decay} for one in self._torch_groups(groups)])


class Slows(Torch):
    """Slows down from step to step, which no checkpoint knows."""

    steps = 0

    def step(self, closure=None):
        self.steps += 1
        for group in self.param_groups:
            group["lr"] /= self.steps
        super().step()


class Forgetful(SGD):
    """Has a memory outside of its state."""

    def build(self, groups):
        return Slows(self._torch_groups(groups))


BUILT: list[int] = []


class Counts(SGD):
    """Builds another optimizer each time."""

    def build(self, groups):
        BUILT.append(1)
        return torch.optim.SGD(self._torch_groups(groups), momentum=1 / (1 + len(BUILT)))


RED = {
    Deaf: "sgd must give groups of rate 0.5 half the learning rate, but gave [0.1, 0.1]",
    Partial: "sgd must hold every parameter it is given",
    Ascent: "sgd must lower a small problem's loss in 40 steps, but took it from ",
    Restless: "sgd must leave a parameter without gradient as it is; ",
    Creeping: "sgd must change nothing at rate 0; ",
    Pretending: "sgd must skip a step that is marked as not finite; ",
    Undecayed: "sgd must shrink 0.weight by weight decay, but did not",
    Rotting: "sgd must spare 0.bias from weight decay; ",
    Forgetful: "sgd, saved after step 2 and resumed, must end with the bits of the uninterrupted training; ",
    Counts: "two trainings with sgd must end with equal bits; ",
}


@pytest.mark.parametrize("broken", RED, ids=lambda broken: broken.__name__)
def test_red(broken, red):
    assert red(check_optimizer, broken()).startswith(RED[broken])


def test_a_rate_of_zero_proves_nothing(red):
    assert red(check_optimizer, SGD(learning_rate=0.0)) == "sgd must be given with a learning rate above 0"
