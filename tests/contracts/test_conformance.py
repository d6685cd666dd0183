"""Every toy, on a network of one's own and on lenet5, through the public batteries: it trains, repeats, resumes to the
bit in mid-epoch, moves no other part's draws, and at its off value trains as if it were not there."""

import pytest

from luthier.data.sampling import Shuffled
from luthier.testing import check_sampler, check_trick
from luthier.testing.compare import require_same
from luthier.testing.training import begun, prepared

from .toys.accumulation import Accumulation
from .toys.double import Double
from .toys.ema import Ema
from .toys.fixmatch import FixMatch
from .toys.hard_examples import HardFirst
from .toys.mixup import Mixup
from .toys.pca import PcaInitialisation
from .toys.resizing import Resizing
from .toys.sam import Sam
from .toys.swa import Swa
from .toys.teacher import Teacher
from .toys.unfreezing import Unfreezing

NETWORKS = {"own": {}, "lenet5": {"model": "lenet5", "data": {"size": 14}}}
TOYS = {
    "accumulation": (Accumulation(parts=3), Accumulation(parts=1)),
    "double": (Double(), Double(active=False)),
    "ema": (Ema(decay=0.8), Ema(decay=0.0)),
    "fixmatch": (FixMatch(), FixMatch(weight=0.0)),
    "mixup": (Mixup(), Mixup(strength=0.0)),
    "pca-initialisation": (PcaInitialisation(), PcaInitialisation(active=False)),
    "resizing": (Resizing(back=True), Resizing(start=1.0)),
    "sam": (Sam(radius=0.1), Sam(radius=0.0)),
    "swa": (Swa(), Swa(start=1.0)),
    "unfreezing": (Unfreezing(), Unfreezing(pace=0)),
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


def test_resizing_of_what_the_network_sees():
    check_trick(Resizing(), off=Resizing(start=1.0))


@pytest.mark.parametrize("network", NETWORKS)
def test_hard_examples(network):
    check_sampler(HardFirst(), recipe=NETWORKS[network])


def test_hard_examples_switched_off_are_shuffled():
    plain, off = (
        begun(lambda s=s: prepared({"sampling": s}).assembly).advance() for s in (Shuffled(), HardFirst(share=0.0))
    )
    for part in ("network", "optimizer"):
        require_same(off.tree()[part], plain.tree()[part], part)
    assert off.rows == plain.rows
