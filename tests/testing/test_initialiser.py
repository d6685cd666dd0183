"""The battery for initialisers, over the catalogue and on broken ones."""

import pytest
import torch
from pydantic import PrivateAttr

from luthier.models.initialisers import INITIALISERS, HeNormal
from luthier.testing import check_initialiser


@pytest.mark.parametrize("member", list(INITIALISERS), ids=lambda member: member.name)
def test_catalogue(member):
    check_initialiser(member())


class Public(HeNormal):
    """Draws from the global generator."""

    def draw(self, shape, fan_in, fan_out, rng):
        return torch.randn(shape)


class Flat(HeNormal):
    """Forgets the shape."""

    def draw(self, shape, fan_in, fan_out, rng):
        return torch.randn(shape.numel(), generator=rng)


class Wide(HeNormal):
    """Gives 64 bits."""

    def draw(self, shape, fan_in, fan_out, rng):
        return torch.randn(shape, generator=rng, dtype=torch.float64)


class Singular(HeNormal):
    """Divides by the fan-in less one."""

    def draw(self, shape, fan_in, fan_out, rng):
        return torch.randn(shape, generator=rng) / (torch.as_tensor(fan_in) - 1)


class Remembers(HeNormal):
    """Draws another number each time."""

    _drawn: list = PrivateAttr(default_factory=list)

    def draw(self, shape, fan_in, fan_out, rng):
        self._drawn.append(1)
        return torch.full(shape, float(len(self._drawn)))


def adapting(change):
    """An initialiser that does something to the network."""

    class Adapting(HeNormal):
        def adapt(self, network, inputs, rng):
            change(network, inputs)

    return Adapting()


def undecided(network, inputs):
    network.body[0].weight.data.copy_(torch.randn(6, 2, 3, 3))


def endless(network, inputs):
    network.body[0].weight.data.div_(0)


def training(network, inputs):
    network(inputs)


def evaluating(network, inputs):
    network.eval()


def hooked(network, inputs):
    network.body[0].register_forward_hook(lambda *_: None)


def frozen(network, inputs):
    network.body[0].requires_grad_(False)


def careless(network, inputs):
    inputs.add_(1)


WHAT = "he-normal adapting a network must "
RED_ADAPTING = {
    undecided: WHAT + "draw from the generator it is given, but moved a global one",
    endless: WHAT + "give finite numbers, but ['body.0.weight'] is not",
    training: WHAT + "draw from the generator it is given",
    evaluating: WHAT + "leave the network in training mode and without hooks",
    hooked: WHAT + "leave the network in training mode and without hooks",
    frozen: WHAT + "leave parameters to be trained, without gradients",
    careless: WHAT + "leave the inputs as they were",
}


@pytest.mark.parametrize("change", RED_ADAPTING, ids=lambda change: change.__name__)
def test_red_adapting(change, red):
    assert red(check_initialiser, adapting(change)).startswith(RED_ADAPTING[change])


def test_red_batch_norm(red):
    def norm(network, inputs):
        network.body[1].running_mean.add_(1)

    assert red(check_initialiser, adapting(norm)).startswith(WHAT + "leave batch norms and other buffers as they were")


RED = {
    Public: "he-normal for shape (7, 5) must draw from the generator it is given, but moved a global one",
    Flat: "he-normal for shape (7, 5) must give float32 of that shape, but gave (35,) torch.float32",
    Wide: "he-normal for shape (7, 5) must give float32 of that shape, but gave (7, 5) torch.float64",
    Singular: "he-normal for shape (1, 1) must give finite numbers",
    Remembers: "he-normal for shape (7, 5) must give the same for the same generator, but did not; ",
}


@pytest.mark.parametrize("broken", RED, ids=lambda broken: broken.__name__)
def test_red(broken, red):
    assert red(check_initialiser, broken()).startswith(RED[broken])
