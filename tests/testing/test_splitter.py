"""The battery for splitters, over the catalogue and on broken ones."""

import numpy as np
import pytest

from luthier.data.splitters import SPLITTERS, Random
from luthier.testing import check_splitter


@pytest.mark.parametrize("member", list(SPLITTERS), ids=lambda member: member.name)
def test_catalogue(member):
    check_splitter(member())


class Public(Random):
    """Draws from the global generator."""

    def draw_holdout(self, dataset, members, share, key):
        return np.random.rand(len(members)) < share


class Torn(Random):
    """Takes the first examples, whatever group they are of."""

    def draw_holdout(self, dataset, members, share, key):
        return np.arange(len(members)) < round(len(members) * share)


class Nothing(Random):
    """Holds nothing out."""

    def draw_holdout(self, dataset, members, share, key):
        return np.zeros(len(members), bool)


class Everything(Random):
    """Leaves nothing to train on."""

    def draw_holdout(self, dataset, members, share, key):
        return np.full(len(members), share > 0)


class Numbers(Random):
    """Gives numbers in place of a mask."""

    def draw_holdout(self, dataset, members, share, key):
        return super().draw_holdout(dataset, members, share, key).nonzero()[0]


class Few(Random):
    """Leaves a fold empty."""

    def deal_folds(self, dataset, members, folds, key):
        return super().deal_folds(dataset, members, folds, key) % 2


class Lenient(Random):
    """Deals as many folds as there are examples, which are fewer groups."""

    def deal_folds(self, dataset, members, folds, key):
        return super().deal_folds(dataset, members, min(folds, 9), key)


RED = {
    Public: "random at a share of 0.0 on pictures must draw from the generator it is given, but moved a global one",
    Torn: "random at a share of 0.1 on pictures must keep groups whole, but parts those of examples ",
    Nothing: "random at a share of 0.1 on pictures must hold out nothing at share 0 alone",
    Everything: "random at a share of 0.1 on pictures must leave some examples to train on",
    Numbers: "random at a share of 0.0 on pictures must mark each of 117 members, but gave (0,) int64",
    Few: "the folds of random on pictures must be numbered from 0 to 2, none empty, but are [0, 1]",
    Lenient: "the folds of random on pictures must be refused where there are fewer groups than folds",
}


@pytest.mark.parametrize("broken", RED, ids=lambda broken: broken.__name__)
def test_red(broken, red):
    assert red(check_splitter, broken()).startswith(RED[broken])
