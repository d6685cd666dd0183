"""Every trick of the table through the public battery, and every pair that may stand side by side."""

from itertools import combinations, permutations

import pytest

from luthier.core.errors import BadInput
from luthier.recipe.read import read_recipe
from luthier.testing import check_trick
from luthier.testing.compare import difference
from luthier.testing.material import pictures, rows, values
from luthier.testing.training import prepared, start_training
from luthier.training.trick import sort_tricks
from luthier.training.tricks import (
    EMA,
    L1,
    L2,
    SAM,
    SWA,
    TRICKS,
    ConfidencePenalty,
    CutMix,
    EarlyStopping,
    FixMatch,
    GradientAccumulation,
    GradientClipping,
    GradientNoise,
    GradualUnfreezing,
    LabelSmoothing,
    LayerFreezing,
    Lookahead,
    MaxNorm,
    MeanTeacher,
    MixedPrecision,
    Mixup,
    ProgressiveResizing,
    TestTimeAugmentation,
)

NETWORKS = {"own": {}, "lenet5": {"model": "lenet5", "data": {"size": 14}}}
CASES = {
    "confidence-penalty": (ConfidencePenalty(), ConfidencePenalty(strength=0.0)),
    "cutmix": (CutMix(share=1.0), CutMix(share=0.0)),
    "early-stopping": (EarlyStopping(patience=1), None),
    "ema": (EMA(decay=0.8), EMA(decay=0.0)),
    "fixmatch": (FixMatch(threshold=0.3, ratio=2), FixMatch(weight=0.0)),
    "gradient-accumulation": (GradientAccumulation(micro_batch=3), GradientAccumulation(micro_batch=9)),
    "gradient-clipping": (GradientClipping(norm=0.1, value=0.05, adaptive=0.01), GradientClipping(norm=0.0)),
    "gradient-noise": (GradientNoise(), GradientNoise(size=0.0)),
    "gradual-unfreezing": (GradualUnfreezing(), GradualUnfreezing(pace=0)),
    "l1": (L1(strength=0.01), L1(strength=0.0)),
    "l2": (L2(strength=0.01), L2(strength=0.0)),
    "label-smoothing": (LabelSmoothing(), LabelSmoothing(share=0.0)),
    "layer-freezing": (LayerFreezing(), LayerFreezing(layers=0)),
    "lookahead": (Lookahead(every=2), Lookahead(share=1.0)),
    "max-norm": (MaxNorm(limit=0.5), MaxNorm(limit=1e9)),
    "mean-teacher": (MeanTeacher(ratio=2, decay=0.8), MeanTeacher(weight=0.0)),
    "mixed-precision": (MixedPrecision(), MixedPrecision(precision="off")),
    "mixup": (Mixup(), Mixup(alpha=0.0)),
    "progressive-resizing": (ProgressiveResizing(back=True), ProgressiveResizing(start=1.0)),
    "sam": (SAM(radius=0.1), SAM(radius=0.0)),
    "swa": (SWA(start=0.3), SWA(start=1.0)),
    "test-time-augmentation": (TestTimeAugmentation(flip=True), TestTimeAugmentation(shift=0)),
}


EXTRA = {"unlabelled": pictures(47).inputs}
"""For the tricks that want it."""


def test_every_trick_of_the_table_is_tried():
    assert CASES.keys() == TRICKS.members.keys()


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("name", CASES)
def test_it_conforms(name, network):
    on, off = CASES[name]
    check_trick(on, off=off, recipe=NETWORKS[network])


@pytest.mark.parametrize("off", [ProgressiveResizing(start=1.0), GradientClipping(norm=1e9, value=1e9, adaptive=1e9)])
def test_other_values_that_change_nothing(off):
    plain, same = (start_training(lambda t=t: prepared({"tricks": t}).trainer).advance() for t in ([], [off]))
    assert difference(plain.tree()["network"], same.tree()["network"]) is None
    assert plain.rows == same.rows


@pytest.mark.parametrize("name", CASES)
def test_it_acts(name):
    """What is trained, or what is kept, differs from that of a training without it."""
    sections = {"training": {"epochs": 3, "batch_size": 9}, "model": "lenet5", "data": {"size": 14}}
    tricks = [CASES[name][0]] if name != "early-stopping" else [EarlyStopping(patience=1, least=0.9)]
    plain, done = (
        start_training(lambda t=t: prepared({**sections, "tricks": t}, extra=EXTRA).trainer).advance()
        for t in ([], tricks)
    )
    if name == "test-time-augmentation":
        scores = [[row["loss"] for row in one.rows if row["kind"] == "validation"] for one in (plain, done)]
        assert scores[0] != scores[1]
    else:
        assert difference(plain.final(), done.final()) is not None


def excluded(one, other):
    return other.name in one.card.conflicts or one.name in other.card.conflicts


SHORT = {"training": {"epochs": 2, "batch_size": 42}}
PAIRS = [(CASES[a][0], CASES[b][0]) for a, b in combinations(CASES, 2) if not excluded(CASES[a][0], CASES[b][0])]


@pytest.mark.parametrize("name", CASES)
def test_it_trains_beside_every_other(name):
    """Two steps and what would be kept, of each pair of which this is the first."""
    for pair in (list(one) for one in PAIRS if one[0].name == name):
        one = start_training(
            lambda tricks=pair: prepared({"tricks": tricks, **NETWORKS["lenet5"], **SHORT}, extra=EXTRA).trainer
        )
        one.advance(2)
        assert one.state.step == 2, pair
        assert all(bool(value.isfinite().all()) for value in one.final().values()), pair


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "+".join(one.name for one in pair))
def test_the_second_of_a_pair_acts_beside_the_first(pair):
    """Neither drowns the other: taking either out changes the weights that are trained or what is evaluated."""
    sections = {"training": {"epochs": 2, "batch_size": 9}, "model": "lenet5", "data": {"size": 14}}
    both, *alone = (
        start_training(lambda t=tricks: prepared({**sections, "tricks": t}, extra=EXTRA).trainer).advance()
        for tricks in (list(pair), [pair[0]], [pair[1]])
    )
    for one, missing in zip(alone, reversed(pair), strict=True):
        if missing.name == "early-stopping":
            continue
        same = difference(
            (both.tree()["network"], both.final(), both.rows), (one.tree()["network"], one.final(), one.rows)
        )
        assert same is not None, missing.name


def test_the_conflicts_are_these_and_are_mutual():
    found = {(one.name, other) for one in TRICKS for other in one.card.conflicts}
    assert found == set(permutations(("ema", "mean-teacher", "swa"), 2))


def test_all_that_may_act_together_in_one_order():
    tricks = [on for name, (on, _) in CASES.items() if name not in ("mean-teacher", "swa")]
    found = [one.name for one in sort_tricks(tricks)]
    assert found == [one.name for one in sort_tricks(tricks[::-1])]
    done = start_training(lambda: prepared({"tricks": tricks, **NETWORKS["lenet5"]}, extra=EXTRA).trainer).advance()
    assert set(done.state.memory) == set(found)
    for first, second in [
        ("l2", "gradient-clipping"), ("gradual-unfreezing", "gradient-clipping"),
        ("gradient-clipping", "gradient-noise"), ("mixup", "progressive-resizing"),
        ("mixed-precision", "gradient-accumulation"), ("gradient-accumulation", "sam"),
        ("lookahead", "max-norm"), ("max-norm", "ema"), ("ema", "early-stopping"),
        ("lookahead", "early-stopping"), ("early-stopping", "test-time-augmentation"),
    ]:  # fmt: skip
        assert found.index(first) < found.index(second)
    assert {"lookahead", "max-norm"} == {*MeanTeacher.card.after}
    assert all("mean-teacher" in one.card.after for one in (EarlyStopping, TestTimeAugmentation))


@pytest.mark.parametrize("trick", list(TRICKS))
def test_a_card_tells_the_cost_and_what_is_claimed(trick):
    assert trick.card.cost and trick.card.claim
    assert any(year in trick.card.source for year in map(str, range(1990, 2026)))


@pytest.mark.parametrize("trick", list(TRICKS))
def test_every_name_on_a_card_is_a_trick(trick):
    assert {*trick.card.after, *trick.card.conflicts} <= TRICKS.members.keys()


VALUES = {"loss": "mse", "model": "mlp"}


@pytest.mark.parametrize("name", [name for name, (on, _) in CASES.items() if not on.needs_pictures])
def test_values_are_predicted_with_it_or_it_says_why_not(name):
    on, _ = CASES[name]
    sections = {**VALUES, "training": {"epochs": 2, "batch_size": 9, "monitor": "r2"}, "tricks": [on]}
    if "regression" in on.tasks:
        done = start_training(lambda: prepared(sections, dataset=values()).trainer).advance()
        assert all(bool(one.isfinite().all()) for one in done.final().values())
    else:
        with pytest.raises(BadInput) as caught:
            prepared(sections, dataset=values())
        assert caught.value.problems == (
            f"tricks.{name} is for classification, but values is for regression; take the trick out",
        )


@pytest.mark.parametrize("name", ["cutmix", "progressive-resizing", "test-time-augmentation"])
def test_tricks_of_pictures_refuse_rows(name):
    with pytest.raises(BadInput) as caught:
        prepared({"model": "mlp", "tricks": [name]}, dataset=rows())
    assert caught.value.problems == (f"tricks.{name} changes pictures, but rows holds rows; take the trick out",)
    assert prepared({"tricks": [CASES[name][0]]}, dataset=pictures())


@pytest.mark.parametrize("name", [name for name, (on, _) in CASES.items() if on.spreads_targets])
def test_a_loss_of_one_class_alone_refuses_spread_targets(name):
    with pytest.raises(BadInput, match=f"loss hinge takes one class per example, but tricks.{name} spreads targets"):
        read_recipe({"loss": "hinge", "tricks": [name]})
