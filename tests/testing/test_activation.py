"""The battery for activations, on broken ones."""

import pytest
import torch
from torch import nn

from luthier.models.activations import ReLU
from luthier.testing import check_activation


def broken(forward):
    """An activation whose module is this function."""

    class Broken(nn.Module):
        def forward(self, x):
            return forward(self, x)

    class Activation(ReLU):
        def build(self):
            return Broken()

    return Activation()


class Shared(ReLU):
    """Hands out one module."""

    def build(self):
        return MODULE


MODULE = nn.ReLU()


class Counting(ReLU):
    """Keeps a buffer."""

    def build(self):
        module = nn.ReLU()
        module.register_buffer("calls", torch.zeros(1))
        return module


class Drawn(ReLU):
    """Starts from a global draw."""

    def build(self):
        return nn.PReLU(init=torch.rand(1).item())


RED = {
    "noisy": (broken(lambda _, x: x + torch.rand_like(x)), "relu must give the same for the same values, but did not"),
    "two ways": (broken(lambda m, x: x if m.training else -x), "relu must give the same for the same values"),
    "flat": (
        broken(lambda _, x: x.flatten()),
        "relu must keep shape (5, 3, 7, 11) and torch.float32, but",
    ),
    "narrow": (broken(lambda _, x: x.float()), "relu must keep shape (5, 3, 7, 11) and torch.float64"),
    "careless": (broken(lambda _, x: x.mul_(2)), "relu must leave its input as it was"),
    "neighbours": (broken(lambda _, x: x - x.mean()), "relu must answer each example by itself"),
    "overflowing": (broken(lambda _, x: x.exp()), "relu must stay finite, its gradient too, from -10000 to 10000"),
    "blind": (broken(lambda _, x: x + x.detach() ** 2), "relu must have the gradient of its own values ("),
    "shared": (Shared(), "relu must build a new module each time"),
    "counting": (Counting(), "relu must keep nothing but its parameters"),
    "drawn": (Drawn(), "building relu must leave the global generators alone"),
}


@pytest.mark.parametrize("name", RED)
def test_red(name, red):
    activation, message = RED[name]
    assert red(check_activation, activation).startswith(message)
