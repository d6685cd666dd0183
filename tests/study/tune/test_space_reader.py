"""Search spaces from files, and the space where nobody gave one."""

import random
import tomllib

import pytest

from luthier.core.errors import BadInput
from luthier.models import ARCHITECTURES
from luthier.models.mlp import MLP
from luthier.optim.optimizers import OPTIMIZERS
from luthier.recipe.read import read_recipe
from luthier.study.tune.space import Dimension
from luthier.study.tune.space_reader import AT_FULL, STRENGTH, default_space, read_space, sort_dimensions
from luthier.testing.material import pictures, rows

NORMS = next(one.choices for one in MLP.hyperparameters() if one.name == "norm")
RECIPE = read_recipe({"model": "mlp", "optimizer": "momentum"})


def space(text, recipe=RECIPE):
    return {one.path: one for one in read_space(tomllib.loads(text), recipe).dimensions}


def one_of(text, recipe=RECIPE):
    ((_, one),) = space(text, recipe).items()
    return one


def problems(text, recipe=RECIPE):
    with pytest.raises(BadInput) as caught:
        space(text, recipe)
    return list(caught.value.problems)


def problem(text, recipe=RECIPE):
    (line,) = problems(text, recipe)
    return line


def test_an_empty_table_stands_for_the_declared_range():
    one = one_of("[optimizer.momentum]")
    assert (one.low, one.high, one.log, one.whole) == (0.5, 0.99, False, False)
    assert "velocity" in one.says
    width = one_of("[model.width]")
    assert (width.low, width.high, width.log, width.whole) == (16, 1024, True, True)


def test_a_table_lays_itself_over_the_declaration():
    one = one_of("[optimizer.learning_rate]\nhigh = 0.1\nlog = false")
    assert (one.low, one.high, one.log) == (0.001, 0.1, False)
    assert one_of("[training]\nbatch_size = { low = 8, high = 64, step = 8 }").step == 8
    assert one_of('"model.width" = { low = 3, high = 5 }').low == 3


def test_a_step_turns_orders_of_magnitude_off_and_ends_where_the_steps_do():
    one = one_of("[model.width]\nlow = 10\nhigh = 49\nstep = 20")
    assert (one.log, one.low, one.high, one.step) == (False, 10, 30, 20)
    assert [one.value_at(share) for share in (0.0, 0.6)] == [10, 30]
    assert one.distribution.high == 30


def test_choices_are_taken_as_they_are_or_from_the_declaration():
    assert one_of("[model.width]\nchoices = [32, 128]").choices == (32, 128)
    assert one_of("[model.norm]").choices == NORMS
    assert one_of('[model.activation]\nchoices = ["relu", "tanh"]').choices == ("relu", "tanh")
    assert one_of("[initialiser.class_frequencies]").choices == (False, True)
    assert one_of("[optimizer.name]").choices == tuple(OPTIMIZERS.members)


def test_parts_of_tables_can_be_searched_though_the_recipe_has_none():
    one = one_of("[augment.rotation.degrees]\nlow = 0.0\nhigh = 30.0")
    assert (one.path, one.low, one.high) == ("augment.rotation.degrees", 0.0, 30.0)
    assert one_of("[tricks.mixup.alpha]\nlow = 0.1\nhigh = 0.4").path == "tricks.mixup.alpha"


def test_a_setting_is_there_where_the_chosen_part_has_it_and_ranges_are_taken_together():
    found = space('[optimizer.momentum]\n[optimizer.learning_rate]\n[optimizer.name]\nchoices = ["adamw", "nesterov"]')
    assert list(found) == ["optimizer.name", "optimizer.momentum", "optimizer.learning_rate"]  # what others need first
    assert found["optimizer.momentum"].only == {"optimizer.name": ("momentum", "nesterov")}
    rate = found["optimizer.learning_rate"]
    assert set(rate.only["optimizer.name"]) == {"momentum", "adamw", "nesterov"}
    assert (rate.low, rate.high) == (1e-4, 0.5)


def test_a_condition_can_be_given_and_comes_before_what_needs_it():
    text = """
        [model.dropout]
        only = { "model.depth" = [2, 3] }
        [model.depth]
        [tricks.mixup.alpha]
        low = 0.1
        high = 0.4
        only = { "optimizer.name" = ["momentum"] }
    """
    found = space(text)
    assert list(found) == ["model.depth", "model.dropout", "tricks.mixup.alpha"]
    assert found["model.dropout"].only == {"model.depth": (2, 3)}


def test_conditions_in_a_chain_are_ordered():
    names = [("a", "b"), ("b", "c"), ("c", "optimizer.name"), ("optimizer.name", None)]
    dimensions = [Dimension(name, 0, 1, only={above: (1,)} if above else {}) for name, above in names]
    assert [one.path for one in sort_dimensions(dimensions)] == ["optimizer.name", "c", "b", "a"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must have a setting at least"),
        ("model = 3", "must hold a table for each setting, but model is 3"),
        ("[model]\nwidth = 64", "model.width is nothing that a search space knows"),
        ("[model.wdth]", "model.wdth is not a setting that exists; did you mean 'model.width'?"),
        ("[optimizr.momentum]", "did you mean 'optimizer.momentum'?"),
        ("[optimizer.beta1]", "optimizer.beta1 is not a setting that exists"),
        ("[seed]", "seed is not a setting that exists"),
        ("[model.width]\nlo = 3", "did you mean 'low'?"),
        ("[model.width]\nlow = 64\nhigh = 32", "low below high, but got 64 to 32"),
        ("[model.width]\nlow = 64\nhigh = 64", "a single point is no search"),
        ("[model.width]\nlow = 64\nhigh = 70\nstep = 8", "low below high, but got 64 to 64"),
        ("[model.width]\nchoices = [64]", "at least two choices, but got [64]"),
        ("[model.width]\nchoices = [64, 64]", "at least two choices"),
        ("[model.width]\nchoices = []", "must be a list of plain values, but got []"),
        ("[model.width]\nchoices = 64", "must be a list of plain values, but got 64"),
        ('[optimizer.name]\nchoices = "adamw"', "must be a list of plain values, but got 'adamw'"),
        ("[model.width]\nchoices = [[64], [32]]", "must be a list of plain values"),
        ("[model.width]\nchoices = [64, 32]\nlow = 3", "choices or a range, but got both"),
        ("[model.width]\nlow = 16.0\nhigh = 32.0", "takes whole numbers, but got 16.0 to 32.0"),
        ('[model.width]\nlow = "a"', "two numbers, but got 'a' to 1024"),
        ("[model.dropout]\nhigh = true", "two numbers, but got 0 to True"),
        ("[model.dropout]\nhigh = inf", "two numbers, but got 0 to inf"),
        ("[model.dropout]\nlow = nan", "two numbers, but got nan to"),
        ("[model.dropout]\nlog = true", "orders of magnitude above 0 alone, but low is 0"),
        ("[model.dropout]\nstep = 1", "takes any number, but got step 1"),
        ('[model.width]\nlog = "yes"', "log must be true or false, but got 'yes'"),
        ("[model.width]\nstep = 0", "step must be a whole number of at least 1, but got 0"),
        ("[model.width]\nlog = true\nstep = 2", "log or step, but got both"),
        ("[model.norm]\nlow = 1", "model.norm has no range, but got low"),
        ("[optimizer.name]\nlow = 1\nhigh = 3", "optimizer.name has no range, but got high, low"),
        ("[schedule.start]", "schedule.start declares no range to search"),
        ("[model.dropout]\nhigh = 1.5", "goes too far: model.dropout must be a number at least 0 and below 1"),
        (
            "[model.width]\nlow = 0\nlog = false",
            "goes too far: model.width must be a whole number at least 1, but got 0",
        ),
        ('[model.width]\nchoices = [64, "wide"]', "goes too far: model.width must be a whole number"),
        ('[optimizer.name]\nchoices = ["adamw", "adamv"]', "must be the name of a known optimizer, but got 'adamv'"),
        ("[training.epochs]", "training.epochs cannot be searched: it is how long a trial may take"),
        ("[training.monitor]", "training.monitor cannot be searched"),
        ("[split.validation]", "split.validation cannot be searched: it is what trials are compared on"),
        ("[data.size]\nlow = 8\nhigh = 16", "data.size cannot be searched"),
        ("[model.width]\nonly = 3", "only must be a table of lists of values by path, but got 3"),
        ('[model.width.only]\n"optimizer.name" = "adamw"', "only must be a table of lists"),
        ('[model.width.only]\n"optimizer.name" = []', "only must be a table of lists"),
        (
            '[model.width.only]\n"optimizer.name" = ["adamw"]',
            "where optimizer.name is one of ['adamw'], which it never",
        ),
        ('[model.width.only]\n"model.nrm" = ["batch"]', "model.nrm is not a setting that exists"),
    ],
)
def test_nonsense_is_refused_in_one_line(text, words):
    assert words in problem(text)


def test_settings_that_depend_on_each_other_in_a_circle_are_refused():
    text = '[model.width.only]\n"model.depth" = [2]\n[model.depth.only]\n"model.width" = [64]'
    assert "circle, as model.depth, model.width do" in problem(text)


def test_ends_are_tried_on_every_part_that_may_be_chosen():
    text = "[optimizer.momentum]\nlow = 0.0\nhigh = 0.9\n[optimizer.name]\nchoices = "
    assert space(f'{text}["momentum", "muon"]')["optimizer.momentum"].low == 0.0
    assert "optimizer.momentum must be a number above 0 and below 1" in problem(f'{text}["momentum", "nesterov"]')


def test_a_declared_end_that_is_open_to_another_part_is_no_obstacle():
    assert space("[optimizer.name]\n[optimizer.momentum]")["optimizer.momentum"].low == 0


def test_a_setting_that_means_another_thing_in_each_part_is_refused():
    line = problem('[model.width]\n[model.name]\nchoices = ["mlp", "lenet5"]')
    assert "model.width must mean the same in every part" in line and "a whole number in mlp" in line


def test_everything_that_is_wrong_is_said_at_once():
    assert len(problems("[model.wdth]\n[model.dropout]\nhigh = 2.0\n[training.epochs]\n[schedule.start]")) == 4
    assert len(problems("[model.width]\nlo = 3\nstep = 0\n[model.depth]\nchoices = 3")) == 3


def test_a_condition_on_a_searched_range_must_lie_in_it():
    assert "which it never is" in problem('[model.depth]\n[model.width.only]\n"model.depth" = [7]')
    assert "model.width" in space('[model.depth]\n[model.width.only]\n"model.depth" = [7, 2]')


def test_where_the_loss_decides_it_cannot_be_searched():
    recipe = read_recipe({"model": "mlp", "training": {"monitor": "loss"}})
    for text in ('[loss.name]\nchoices = ["cross-entropy", "focal"]', "[loss.gamma]\nlow = 1.0\nhigh = 2.0"):
        assert "scored by a loss of its own" in problems(text, recipe)[0]
    assert read_space(tomllib.loads('[loss.name]\nchoices = ["cross-entropy", "brier"]'), RECIPE).dimensions


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
