"""A searched setting: which values it may take, how they are spread, and how it comes back from a file."""

import json
import math

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from luthier.study.tune.space import Dimension

RATE = Dimension("optimizer.learning_rate", 0.001, 0.1, log=True)
SHARE = Dimension("model.dropout", 0.0, 0.7)
WIDTH = Dimension("model.width", 16, 1024, log=True, whole=True)
STEPS = Dimension("training.batch_size", 16, 64, step=16, whole=True)
NAME = Dimension("optimizer.name", choices=("adamw", "momentum", "rmsprop"))
SCALED = Dimension("strength", 0.0, 1.0, scales={"augment.rotation.degrees": 20.0, "augment.noise.deviation": 0.3})
ALL = (RATE, SHARE, WIDTH, STEPS, NAME, SCALED)
SHARES = [0.0, 1e-9, 0.1, 0.25, 0.3, 0.5, 0.75, 0.9, 1 - 1e-9, math.nextafter(1, 0)]


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.path)
def test_every_value_of_every_share_may_be_tried_and_optuna_agrees(one):
    for share in SHARES:
        value = one.value_at(share)
        assert one.contains(value), (share, value)
        assert one.distribution._contains(one.distribution.to_internal_repr(value))


def test_shares_go_through_the_range_from_end_to_end():
    assert [RATE.value_at(share) for share in (0.0, 0.5)] == [0.001, 0.01]
    assert SHARE.value_at(0.5) == pytest.approx(0.35)
    assert [NAME.value_at(share) for share in (0.0, 0.34, 0.67)] == list(NAME.choices)
    assert [STEPS.value_at(share) for share in (0.0, 0.26, 0.51, 0.99)] == [16, 32, 48, 64]
    values = {WIDTH.value_at(number / 5000) for number in range(5000)}
    assert min(values) == 16 and max(values) == 1024 and all(isinstance(one, int) for one in values)


def test_each_whole_number_has_its_share_by_orders_of_magnitude():
    few = Dimension("model.depth", 1, 3, log=True, whole=True)
    values = [few.value_at((number + 0.5) / 30000) for number in range(30000)]
    for value in (1, 2, 3):
        share = math.log((value + 0.5) / (value - 0.5)) / math.log(3.5 / 0.5)
        assert values.count(value) / len(values) == pytest.approx(share, abs=1e-3)


def test_ends_of_more_digits_than_are_shown_are_not_left():
    one = Dimension("a", 0.12345649, 0.1234567)
    assert all(one.contains(one.value_at(share)) for share in SHARES)


@pytest.mark.parametrize(
    ("one", "inside", "outside"),
    [
        (RATE, [0.001, 0.1, 0.05], [0.0009, 0.11, "0.05", None, float("nan")]),
        (SHARE, [0, 0.0, 0.7], [-0.1, 0.71, False]),
        (WIDTH, [16, 17, 1024], [15, 1025, 16.5, 17.0, True]),
        (STEPS, [16, 32, 64], [17, 40, 80, 0]),
        (NAME, ["adamw", "rmsprop"], ["sgd", 1, None]),
    ],
)
def test_values_inside_may_be_tried_and_others_not(one, inside, outside):
    assert all(map(one.contains, inside))
    assert not any(map(one.contains, outside))


def test_optuna_is_told_the_same():
    assert RATE.distribution == FloatDistribution(0.001, 0.1, log=True)
    assert WIDTH.distribution == IntDistribution(16, 1024, log=True)
    assert STEPS.distribution == IntDistribution(16, 64, step=16)
    assert NAME.distribution == CategoricalDistribution(("adamw", "momentum", "rmsprop"))


def test_the_place_of_a_value_is_the_share_of_the_range_below_it():
    assert (
        RATE.share_below(0.001) == 0
        and RATE.share_below(0.1) == pytest.approx(1)
        and RATE.share_below(0.01) == pytest.approx(0.5)
    )
    assert SHARE.share_below(0.175) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("one", "value", "end"),
    [
        (RATE, 0.001, "low"), (RATE, 0.00125, "low"), (RATE, 0.00127, None), (RATE, 0.01, None), (RATE, 0.08, "high"),
        (SHARE, 0.0, "low"), (SHARE, 0.036, None), (SHARE, 0.7, "high"), (NAME, "adamw", None),
    ],
)  # fmt: skip
def test_a_twentieth_of_the_range_at_each_end_is_its_boundary(one, value, end):
    assert one.find_edge(value) == end


def test_a_value_is_set_at_its_path_or_by_its_scales():
    assert RATE.set_value({"optimizer": "adamw"}, 0.01) == {"optimizer": {"name": "adamw", "learning_rate": 0.01}}
    found = SCALED.set_value({"augment": {}}, 0.5)
    assert found == {"augment": {"rotation": {"degrees": 10.0}, "noise": {"deviation": 0.15}}}


@pytest.mark.parametrize("one", [*ALL, Dimension("a", 1, 2, only={"optimizer.name": ("momentum", "sgd")}, says="b")])
def test_a_dimension_comes_back_from_a_file_as_it_was(one):
    assert Dimension.of(json.loads(json.dumps(one.dump()))) == one
