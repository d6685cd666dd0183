"""The recipes of a search space: with the values of a trial, and with no others."""

import random

import pytest

from luthier.core.errors import BadInput
from luthier.recipe.read import read_recipe
from luthier.study.tune.space import Dimension, Space
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
