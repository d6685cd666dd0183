"""The battery for samplers, over the catalogue and on broken ones."""

import random

import pytest
import torch
from pydantic import PrivateAttr

from luthier.data.samplers import SAMPLERS, Sequential, Shuffled
from luthier.testing import check_sampler


@pytest.mark.parametrize("member", list(SAMPLERS), ids=lambda member: member.name)
def test_catalogue(member):
    check_sampler(member())


class Public(Shuffled):
    """Draws from the global generator."""

    def order(self, epoch, seen, rng):
        return torch.randperm(len(seen.label))


class Remembers(Sequential):
    """Gives another order each time it is asked."""

    _asked: list = PrivateAttr(default_factory=list)

    def order(self, epoch, seen, rng):
        self._asked.append(epoch)
        return torch.arange(len(seen.label)).roll(len(self._asked))


class Short(Sequential):
    """Leaves the last example out without saying so."""

    def order(self, epoch, seen, rng):
        return torch.arange(max(len(seen.label) - 1, 1))


class Beyond(Sequential):
    """Counts from 1."""

    def order(self, epoch, seen, rng):
        return torch.arange(len(seen.label)) + 1


class Real(Sequential):
    """Gives real numbers."""

    def order(self, epoch, seen, rng):
        return torch.arange(len(seen.label)).float()


class Empty(Sequential):
    """Shows nothing."""

    def length(self, examples):
        return examples // 2


class Careless(Sequential):
    """Sorts what it is shown."""

    def order(self, epoch, seen, rng):
        seen.loss.fill_(0)
        return torch.arange(len(seen.label))


class Lasting(Shuffled):
    """Keeps the order of the first epoch, which no checkpoint holds."""

    _first: list = PrivateAttr(default_factory=list)

    def order(self, epoch, seen, rng):
        if epoch == 0:
            self._first[:] = torch.randperm(len(seen.label), generator=rng).tolist()
        return torch.tensor(self._first or range(len(seen.label))).roll(epoch)


class Large(Sequential):
    """Draws from Python's generator where there are many examples."""

    def order(self, epoch, seen, rng):
        count = len(seen.label)
        return torch.arange(count).roll(random.randrange(count) if count > 20 else 0)


RED = {
    Lasting: "shuffled, saved after step 2 and resumed, must end with the bits of the uninterrupted training; ",
    Large: "training with sequential must leave the global generators alone",
    Public: "shuffled in epoch 0 over 2 examples must draw from the generator it is given, but moved a global one",
    Remembers: "sequential in epoch 0 over 2 examples must give the same for the same generator, but did not; ",
    Short: "sequential in epoch 0 over 2 examples must give (2,) numbers of type int64 on the CPU, "
    "but gave (1,) torch.int64 on cpu",
    Beyond: "sequential in epoch 0 over 1 examples must give positions from 0 to 0, but gave [1]",
    Real: "sequential in epoch 0 over 1 examples must give (1,) numbers of type int64 on the CPU, "
    "but gave (1,) torch.float32 on cpu",
    Empty: "sequential must order at least one position, but says 0 for 1 examples",
    Careless: "sequential in epoch 0 over 1 examples must leave what it is shown as it was",
}


@pytest.mark.parametrize("broken", RED, ids=lambda broken: broken.__name__)
def test_red(broken, red):
    assert red(check_sampler, broken()).startswith(RED[broken])
