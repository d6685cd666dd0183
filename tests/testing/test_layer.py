"""The battery for declared layers, over the catalogue and on broken ones."""

import pytest
import torch
from torch import nn

from luthier.core.card import Card
from luthier.core.errors import BadInput
from luthier.models.layers import LAYERS, LSTM, Convolution, GroupNorm, Layer
from luthier.testing import check_layer

SHAPES = {"group-norm": (64, 7, 5)}
"""For layers whose defaults ask for more than the battery's own shapes have."""


@pytest.mark.parametrize("member", list(LAYERS), ids=lambda member: member.name)
def test_catalogue(member):
    check_layer(member(), SHAPES.get(member.name))


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Convolution(maps=8, kernel=2, stride=3, padding=2, dilation=2, groups=4), (4, 7, 9)),
        (GroupNorm(groups=3), (6, 5, 7)),
        (LSTM(units=4, layers=2, bidirectional=True, dropout=0.3, output="sequence"), (7, 3)),
    ],
    ids=repr,
)
def test_other_settings(layer, shape):
    check_layer(layer, shape)


class Plain(Layer):
    """A linear layer, or what `make` gives."""

    name = "plain"
    card = Card(summary="Plain.", source="tests")

    def build(self, shape):
        if len(shape) != 1:
            raise BadInput("plain needs rows; use rows")
        return self.make(shape[0])

    def make(self, features):
        return nn.Linear(features, 5)


class Rude(Plain):
    """Fails on pictures with an error of its own."""

    def build(self, shape):
        return self.make(*shape)


class Closed(Plain):
    """Takes nothing."""

    def build(self, shape):
        raise BadInput("closed")


class Cosmic(Plain):
    """Starts from a number that nobody seeds."""

    def make(self, features):
        layer = nn.PReLU(features)
        layer.weight.data = torch.rand(features, generator=torch.Generator().manual_seed(torch.seed()))
        return layer


SHARED = nn.Linear(9, 5)


class Thrifty(Plain):
    """Gives the same module to all."""

    def make(self, features):
        return SHARED


class Endless(Plain):
    """Starts with a weight that is not finite."""

    def make(self, features):
        layer = nn.PReLU(features)
        layer.weight.data.fill_(torch.inf)
        return layer


class Applied(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Tupled(Plain):
    """Gives a tuple, as PyTorch's recurrent layers do."""

    def make(self, features):
        return Applied(lambda x: (x, x))


class Exploding(Plain):
    """Gives numbers that are not finite."""

    def make(self, features):
        return Applied(lambda x: x * 1e30 * 1e30)


class Mixing(Plain):
    """Lets examples look at one another."""

    def make(self, features):
        return Applied(lambda x: x - x.mean(0))


class Stopping(Plain):
    """Lets no gradient through."""

    def make(self, features):
        return Applied(lambda x: x.detach())


class Dead(Plain):
    """Has a parameter that nothing uses."""

    def make(self, features):
        layer = nn.Linear(features, 5)
        layer.register_parameter("unused", nn.Parameter(torch.ones(3)))
        return layer


class Steep(Plain):
    """Has an endless slope at some inputs."""

    def make(self, features):
        return Applied(lambda x: (x - x).sqrt() + x)


RED = {
    Rude: "plain must build for shape (6, 13, 11) or raise BadInput, but raised TypeError(",
    Closed: "plain must build for one of the shapes ((6, 13, 11), (7, 5), (9,)); give it one that it takes",
    Cosmic: "plain must be built the same from the same global state; the first difference is in weight",
    Thrifty: "plain must make a new module each time, but gave one out twice",
    Endless: "plain must start finite, but ['weight'] is not",
    Tupled: "plain for shape (9,) must give one float32 tensor with a row for each of four examples",
    Exploding: "plain for shape (9,) must give finite numbers before training",
    Mixing: "plain for shape (9,) must answer each example by itself in evaluation, but a batch of one gave something",
    Stopping: "plain must let the gradient through, but stops it",
    Dead: "plain must give every parameter a finite gradient, but unused gets none",
    Steep: "plain must hand back a finite gradient, but does not",
}


def test_a_good_one():
    check_layer(Plain())


@pytest.mark.parametrize("broken", RED, ids=lambda broken: broken.__name__)
def test_red(broken, red):
    assert red(check_layer, broken()).startswith(RED[broken])
