"""All toys at once, those that may: they train, repeat, resume to the bit, and their order follows from their cards."""

import itertools

import pytest

from luthier.testing.compare import difference
from luthier.testing.material import Shade, pictures
from luthier.testing.training import begun, check_repeats, check_resumes, prepared
from luthier.tricks import EarlyStopping, ordered

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

ORDER = [
    "accumulation", "early-stopping", "ema", "fixmatch", "mixup", "pca-initialisation", "resizing", "sam", "double",
    "teacher", "unfreezing",
]  # fmt: skip


def everything(average, path, back=False):
    return [
        Accumulation(parts=2), Double(), EarlyStopping(patience=3), FixMatch(), Mixup(), PcaInitialisation(),
        Resizing(back=back), Sam(), Teacher(path=path), Unfreezing(), average,
    ]  # fmt: skip


def make(tricks, sections):
    own = {"augment": [Shade()], "sampling": HardFirst(), "optimizer": "adamw", **sections, "tricks": tricks}
    return lambda: prepared(own, extra={"unlabelled": pictures(41).inputs}).assembly


@pytest.mark.parametrize("average", [Ema(), Swa()], ids=["ema", "swa"])
@pytest.mark.parametrize("sections", [{}, {"model": "lenet5", "data": {"size": 14}}], ids=["own", "lenet5"])
def test_all_at_once(average, sections, teacher):
    tricks = everything(average, teacher(sections), back=bool(sections))
    one = make(tricks, sections)
    trained = check_repeats(one, "all tricks")
    check_resumes(one, "all tricks")
    assert trained.state.step == 15
    assert set(trained.state.memory) == {trick.name for trick in tricks}
    assert all(row["loss"] is not None for row in trained.rows)


def test_each_of_them_still_acts(teacher):
    """Taking any one out changes what is trained or what is kept: none is drowned by the others."""
    tricks = everything(Ema(), teacher({}))
    full = begun(make(tricks, {})).advance()
    for out in tricks:
        rest = [one for one in tricks if one is not out]
        other = begun(make(rest, {})).advance()
        same = difference((full.tree()["network"], full.final()), (other.tree()["network"], other.final())) is None
        assert not same, out.name


def test_the_order_follows_from_the_cards():
    """Names decide among those that are free: `double` waits for `sam`."""
    tricks = everything(Ema(), "unused")
    found = [one.name for one in ordered(tricks)]
    assert sorted(found) == sorted(one.name for one in tricks)
    assert found.index("accumulation") < found.index("sam") < found.index("double")
    assert found.index("ema") < found.index("early-stopping")
    assert max(found.index("mixup"), found.index("fixmatch")) < found.index("resizing")
    for shift in range(len(tricks)):
        assert [one.name for one in ordered(tricks[shift:] + tricks[:shift])] == found
    for pair in itertools.permutations(tricks[:3]):
        assert [one.name for one in ordered(pair)] == ["accumulation", "double", "early-stopping"]
