"""The search space: one searched setting, what parts declare of it, and the recipes that a space holds."""

import json
import math
import random

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from luthier.core.errors import BadInput
from luthier.models import ARCHITECTURES
from luthier.optim.optimizers import OPTIMIZERS
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import FAMILIES
from luthier.study.tune.space import Dimension, Space, find_declarations, find_family, list_paths
from luthier.study.tune.space_reader import read_space

RECIPE = read_recipe({"model": "mlp", "optimizer": "momentum", "seed": 3})
CONDITIONAL = {
    "optimizer": {"name": {"choices": ["momentum", "adamw", "sgd"]}, "momentum": {}, "learning_rate": {}},
    "model": {"width": {}, "dropout": {"only": {"model.depth": [2, 3]}}, "depth": {}},
}
SPACE = read_space(CONDITIONAL, RECIPE)
VALUES = {
    "optimizer.learning_rate": 0.0123, "optimizer.weight_decay": 0.0456, "training.batch_size": 37,
    "model.dropout": 0.271, "model.width": 83, "model.depth": 3,
}  # fmt: skip


def test_each_value_lands_at_its_own_path():
    space = read_space({"optimizer": {"learning_rate": {}, "weight_decay": {}}, "training": {"batch_size": {}},
                        "model": {"dropout": {}, "width": {}, "depth": {}}}, RECIPE)  # fmt: skip
    assert {one.path for one in space.dimensions} == set(VALUES)
    recipe, expected = space.make_recipe(VALUES, 11), RECIPE.dump()
    for path, value in VALUES.items():
        section, name = path.split(".")
        expected[section][name] = value
    assert recipe.dump() == {**expected, "seed": 11}
    assert space.make_recipe({}, 3) == RECIPE


def test_the_order_of_values_does_not_matter():
    params = {"optimizer.momentum": 0.7, "optimizer.learning_rate": 0.02, "optimizer.name": "nesterov"}
    space = read_space({"optimizer": {"name": {}, "momentum": {}, "learning_rate": {}}}, RECIPE)
    recipe = space.make_recipe(params, 0)
    assert (recipe.optimizer.name, recipe.optimizer.momentum, recipe.optimizer.learning_rate) == ("nesterov", 0.7, 0.02)
    assert space.make_recipe(dict(reversed(params.items())), 0) == recipe


def test_the_settings_of_a_part_go_with_it():
    given = read_recipe({"model": "mlp", "optimizer": {"name": "momentum", "momentum": 0.77, "weight_decay": 0.05}})
    space = read_space({"optimizer": {"name": {}}}, given)
    assert space.make_recipe({"optimizer.name": "momentum"}, 0).optimizer.momentum == 0.77
    other = space.make_recipe({"optimizer.name": "adamw"}, 0)
    assert other.optimizer == read_recipe({"model": "mlp", "optimizer": "adamw"}).optimizer


def test_the_strength_of_augmentation_sets_several_parts():
    strength = Dimension(
        "strength", 0.0, 1.0, scales={"augment.rotation.degrees": 20.0, "augment.random-scale.share": 0.2}
    )
    space = Space(read_recipe({}), (strength,))
    dumped = space.make_recipe({"strength": 0.5}, 0).dump()["augment"]
    assert dumped["rotation"]["degrees"] == 10.0 and dumped["random-scale"]["share"] == 0.1
    assert space.make_recipe({"strength": 0.0}, 0).dump()["augment"]["rotation"]["degrees"] == 0.0
    assert space.default_values() == {"strength": 0.0}


def test_the_default_is_the_recipe_as_far_as_it_lies_in_the_space():
    assert SPACE.default_values() == {
        "optimizer.name": "momentum", "optimizer.momentum": 0.9,
        "optimizer.learning_rate": RECIPE.optimizer.learning_rate,
        "model.width": 128, "model.depth": 2, "model.dropout": 0.0,
    }  # fmt: skip
    assert SPACE.make_recipe(SPACE.default_values(), 3) == RECIPE


@pytest.mark.parametrize(
    "table", [{"low": 200, "high": 300}, {"choices": [16, 32]}, {"low": 10, "high": 200, "step": 20}]
)
def test_a_default_outside_of_the_space_has_no_value_and_stays_as_it_is(table):
    space = read_space({"model": {"width": table, "depth": {}}}, RECIPE)
    assert space.default_values() == {"model.depth": 2}
    assert not space.is_complete(space.default_values()) and space.is_complete({"model.depth": 3, "model.width": 32})
    assert space.make_recipe(space.default_values(), 3) == RECIPE


def test_a_default_of_another_part_than_may_be_chosen_stays_as_it_is():
    space = read_space({"optimizer": {"name": {"choices": ["adamw", "sgd"]}, "learning_rate": {}}}, RECIPE)
    assert "optimizer.name" not in space.default_values()
    assert space.make_recipe(space.default_values(), 3) == RECIPE


def test_a_setting_is_there_only_where_its_condition_holds():
    momentum, dropout = (next(one for one in SPACE.dimensions if one.path == path) for path in
                         ("optimizer.momentum", "model.dropout"))  # fmt: skip
    assert SPACE.is_active({"optimizer.name": "momentum"}, momentum) and SPACE.is_active({}, momentum)
    assert not SPACE.is_active({"optimizer.name": "adamw"}, momentum)
    assert SPACE.is_active({"model.depth": 3}, dropout) and not SPACE.is_active({"model.depth": 1}, dropout)
    assert SPACE.is_active({}, dropout)  # as the recipe has two layers


def test_every_point_is_complete_and_makes_a_recipe_with_its_values():
    chance = random.Random(5)
    seen = set()
    for _ in range(200):
        params = SPACE.values_at([chance.random() for _ in SPACE.dimensions])
        assert SPACE.is_complete(params)
        assert ("optimizer.momentum" in params) == (params["optimizer.name"] == "momentum")
        assert ("model.dropout" in params) == (params["model.depth"] in (2, 3))
        dumped = SPACE.make_recipe(params, 4).dump()
        assert all(dumped[path.split(".")[0]][path.split(".")[1]] == value for path, value in params.items())
        seen.add((params["optimizer.name"], params["model.depth"]))
    assert len(seen) == 12


def test_values_that_do_not_go_together_are_refused():
    space = read_space({"training": {"batch_size": {"low": 1, "high": 9}}, "model": {"norm": {}}}, RECIPE)
    assert space.make_recipe({"training.batch_size": 1, "model.norm": "layer"}, 0)
    with pytest.raises(BadInput, match="needs batches of two examples"):
        space.make_recipe({"training.batch_size": 1, "model.norm": "batch"}, 0)


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


DECLARED_RECIPE = read_recipe({"model": "mlp", "optimizer": "momentum"})


def only(path, choices=None):
    ((part, one),) = find_declarations(path, DECLARED_RECIPE, choices or {}).items()
    return part, one.name


def test_a_path_leads_to_the_setting_of_the_recipes_own_part():
    assert only("optimizer.momentum") == ("momentum", "momentum")
    assert only("training.batch_size") == ("training", "batch_size")
    assert only("model.width") == ("mlp", "width")
    assert only("tricks.mixup.alpha") == ("mixup", "alpha")
    assert only("augment.rotation.degrees") == ("rotation", "degrees")


def test_what_does_not_exist_has_no_declaration():
    for path in (
        "model.wdth",
        "optimizer.beta1",
        "momentum",
        "",
        "a.b.c.d",
        "tricks.nothing.alpha",
        "augment.rotation",
    ):
        assert find_declarations(path, DECLARED_RECIPE, {}) == {}, path


def test_members_that_may_be_chosen_are_asked_too():
    found = find_declarations("optimizer.momentum", DECLARED_RECIPE, {"optimizer": ["adamw", "nesterov", "muon"]})
    assert list(found) == ["momentum", "nesterov", "muon"]  # adamw has none


def test_every_path_that_is_proposed_is_declared_or_chooses_a_part():
    known = list_paths(DECLARED_RECIPE, {"optimizer": list(OPTIMIZERS.members)})
    assert len(known) == len(set(known)) and {"optimizer.beta1", "optimizer.name", "model.name"} <= set(known)
    assert all(
        find_family(path) or find_declarations(path, DECLARED_RECIPE, {"optimizer": list(OPTIMIZERS.members)})
        for path in known
    )


def test_a_name_chooses_among_a_family():
    assert find_family("model.name") is ARCHITECTURES
    assert find_family("model.width") is None and find_family("training.name") is None
    assert all(find_family(f"{name}.name") is family for name, family in FAMILIES.items())
