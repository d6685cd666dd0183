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
