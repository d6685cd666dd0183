"""Toys and tricks at once: they train, repeat, resume to the bit, and their order follows from their cards."""

import itertools

import pytest

from luthier.testing.compare import difference
from luthier.testing.material import Shade, pictures
from luthier.testing.training import check_repeats, check_resumes, prepared, start_training
from luthier.training.trick import sort_tricks
from luthier.training.tricks import (
    EMA,
    SAM,
    SWA,
    EarlyStopping,
    GradientAccumulation,
    GradualUnfreezing,
    Mixup,
    ProgressiveResizing,
)

from .toys.double import Double
from .toys.fixmatch import FixMatch
from .toys.hard_examples import HardFirst
from .toys.pca import PcaInitialisation
from .toys.teacher import Teacher


def everything(average, path, back=False):
    return [
        Double(), EarlyStopping(patience=3), FixMatch(), GradientAccumulation(micro_batch=3), GradualUnfreezing(),
        Mixup(), PcaInitialisation(),
        ProgressiveResizing(back=back), SAM(), Teacher(path=path), average,
    ]  # fmt: skip


def make(tricks, sections):
    own = {"augment": [Shade()], "sampling": HardFirst(), "optimizer": "adamw", **sections, "tricks": tricks}
    return lambda: prepared(own, extra={"unlabelled": pictures(41).inputs}).trainer


@pytest.mark.parametrize("average", [EMA(decay=0.9), SWA(start=0.3)], ids=["ema", "swa"])
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
    tricks = everything(EMA(decay=0.9), teacher({}))
    full = start_training(make(tricks, {})).advance()
    for out in tricks:
        rest = [one for one in tricks if one is not out]
        other = start_training(make(rest, {})).advance()
        same = difference((full.tree()["network"], full.final()), (other.tree()["network"], other.final())) is None
        assert not same, out.name


def test_the_order_follows_from_the_cards():
    """Names decide among those that are free: `double` waits for `sam`."""
    tricks = everything(EMA(decay=0.9), "unused")
    found = [one.name for one in sort_tricks(tricks)]
    assert sorted(found) == sorted(one.name for one in tricks)
    assert found.index("gradient-accumulation") < found.index("sam") < found.index("double")
    assert found.index("ema") < found.index("early-stopping")
    assert max(found.index("mixup"), found.index("fixmatch")) < found.index("progressive-resizing")
    for shift in range(len(tricks)):
        assert [one.name for one in sort_tricks(tricks[shift:] + tricks[:shift])] == found
    for pair in itertools.permutations(tricks[:3]):
        assert [one.name for one in sort_tricks(pair)] == ["double", "early-stopping", "fixmatch"]
