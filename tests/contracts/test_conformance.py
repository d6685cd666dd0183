"""Every toy, on a network of one's own and on lenet5, through the public batteries: it trains, repeats, resumes to the
bit in mid-epoch, moves no other part's draws, and at its off value trains as if it were not there."""

import pytest

from luthier.data.samplers import Shuffled
from luthier.testing import check_sampler, check_trick
from luthier.testing.compare import require_same
from luthier.testing.training import prepared, start_training

from .toys.double import Double
from .toys.fixmatch import FixMatch
from .toys.hard_examples import HardFirst
from .toys.pca import PcaInitialisation
from .toys.teacher import Teacher

NETWORKS = {"own": {}, "lenet5": {"model": "lenet5", "data": {"size": 14}}}
TOYS = {
    "double": (Double(), Double(active=False)),
    "fixmatch": (FixMatch(), FixMatch(weight=0.0)),
    "pca-initialisation": (PcaInitialisation(), PcaInitialisation(active=False)),
}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("name", TOYS)
def test_toy(name, network):
    on, off = TOYS[name]
    check_trick(on, off=off, recipe=NETWORKS[network])


@pytest.mark.parametrize("network", NETWORKS)
def test_teacher(network, teacher):
    path = teacher(NETWORKS[network])
    check_trick(Teacher(path=path), off=Teacher(weight=0.0), recipe=NETWORKS[network])


@pytest.mark.parametrize("network", NETWORKS)
def test_hard_examples(network):
    check_sampler(HardFirst(), recipe=NETWORKS[network])


def test_hard_examples_switched_off_are_shuffled():
    plain, off = (
        start_training(lambda s=s: prepared({"sampling": s}).trainer).advance()
        for s in (Shuffled(), HardFirst(share=0.0))
    )
    for part in ("network", "optimizer"):
        require_same(off.tree()[part], plain.tree()[part], part)
    assert off.rows == plain.rows
