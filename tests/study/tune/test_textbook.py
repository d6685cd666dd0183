"""The default space: which settings it has for which recipe and data, and that every recipe in it is legal."""

import random

import pytest

from luthier.models import ARCHITECTURES
from luthier.recipe.read import read_recipe
from luthier.study.tune.space_reader import AT_FULL, STRENGTH, default_space
from luthier.testing.material import pictures, rows

PICTURES = pictures(67)


def paths(recipe, dataset=PICTURES, examples=4000):
    return [one.path for one in default_space(read_recipe(recipe), dataset, examples).dimensions]


def test_the_six_of_the_textbooks():
    assert paths({"model": "mlp"}) == [
        "optimizer.learning_rate", "optimizer.weight_decay", "training.batch_size", "model.dropout", "model.width",
        STRENGTH,
    ]  # fmt: skip


def test_what_the_recipe_does_not_have_is_not_searched():
    assert "model.width" not in paths({"model": "softmax-regression"})
    assert STRENGTH not in paths({"model": "mlp"}, rows(53))
    assert STRENGTH not in paths({"model": "lenet5", "augment": {"horizontal-flip": {}}})


@pytest.mark.parametrize(("examples", "high"), [(4000, 512), (2048, 512), (2047, 511), (100, 25), (68, 17)])
def test_a_batch_is_at_most_a_quarter_of_the_data(examples, high):
    found = {one.path: one for one in default_space(read_recipe({"model": "mlp"}), PICTURES, examples).dimensions}
    assert found["training.batch_size"].high == high


def test_where_a_quarter_of_the_data_is_no_batch_its_size_is_not_searched():
    assert "training.batch_size" not in paths({"model": "mlp"}, examples=64)
    assert "training.batch_size" in paths({"model": "mlp"}, examples=71)


def test_full_strength_is_legal_and_weaker_than_what_makes_another_sign():
    strength = default_space(read_recipe({}), PICTURES, 4000).dimensions[-1]
    assert strength.scales == AT_FULL and (strength.low, strength.high) == (0, 1)
    assert AT_FULL["augment.rotation.degrees"] < 45


@pytest.mark.parametrize("name", ARCHITECTURES.members)
def test_every_recipe_of_the_default_space_is_legal(name):
    recipe = read_recipe({"model": name})
    space = default_space(recipe, PICTURES, 4000)
    assert "optimizer.learning_rate" in [one.path for one in space.dimensions]
    assert space.make_recipe(space.default_values(), recipe.seed).dump()["model"] == recipe.dump()["model"]
    chance, count = random.Random(name), len(space.dimensions)
    points = [[0.0] * count, [1 - 1e-12] * count, *([chance.random() for _ in range(count)] for _ in range(20))]
    for shares in points:
        params = space.values_at(shares)
        assert space.is_complete(params)
        space.make_recipe(params, 1)
