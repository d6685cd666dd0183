"""The recipe: read, refused, written, hashed."""

import re
from dataclasses import dataclass, replace

import numpy as np
import pytest
from pydantic import ValidationError

from luthier.core.card import Card, TrickCard
from luthier.core.declare import Range, hyperparameter
from luthier.core.errors import BadInput, show
from luthier.data import Dataset
from luthier.data.sources import arrays
from luthier.models import ARCHITECTURES, MLP, LeNet5, Sequential, TimmModel
from luthier.models.activations import Tanh
from luthier.models.architecture import OwnModule
from luthier.models.layers import ActivationLayer, Convolution, Flatten, TableConvolution
from luthier.optim.optimizers import Momentum
from luthier.recipe.read import LARGEST_SEED, read_recipe
from luthier.recipe.resolve import default_model, resolve
from luthier.recipe.values import read_toml, with_value
from luthier.testing.material import Shade, pictures, rows
from luthier.training.trick import Trick
from luthier.training.tricks import TRICKS, EarlyStopping

WHOLE = {
    "seed": 7,
    "data": {
        "source": "digits",
        "extra": "more",
        "unlabelled": "others",
        "pseudo_labels": "labels",
        "task": "auto",
        "fingerprint": "5a" * 32,
        "columns": ("age", "fare"),
        "size": 28,
        "fit": "pad",
        "bad": "skip",
        "form": "auto",
        "units": "bytes",
        "dates": "month-first",
        "header": False,
        "target": "price",
        "text": "remark",
        "part": "split",
        "group": "person",
        "time": "day",
    },
    "split": {"name": "stratified", "validation": 0.2, "examples": 900, "folds": 5, "fold": 3},
    "training": {
        "epochs": 3,
        "batch_size": 50,
        "monitor": "loss",
        "class_weights": "balanced",
        "calibration": "temperature",
    },
    "model": {"name": "mlp", "depth": 1, "width": 11, "activation": "tanh", "norm": "layer", "dropout": 0.25},
    "initialiser": {"name": "he-normal", "output": 0.5, "class_frequencies": False, "fan": "in"},
    "loss": {"name": "cross-entropy"},
    "optimizer": {
        "name": "momentum",
        "learning_rate": 0.03,
        "weight_decay": 0.0005,
        "layer_decay": 0.75,
        "momentum": 0.8,
    },
    "schedule": {"name": "cosine", "warmup": 0.0625, "final": 0.125},
    "sampling": {"name": "shuffled"},
    "augment": {},
    "tricks": {"early-stopping": {"patience": 4, "least": 0.25}},
}
"""A recipe that leaves nothing to defaults."""

ALIKE = {
    "data.source": "/elsewhere",
    "data.extra": "/other",
    "data.unlabelled": "/third",
    "data.pseudo_labels": "/fourth",
    "data.task": "regression",
    "data.bad": "stop",
    "data.form": "rows",
    "data.units": "plain",
    "data.dates": "day-first",
    "data.header": True,
    "data.target": "cost",
    "data.text": "note",
    "data.part": "part",
    "data.group": "house",
    "data.time": "month",
}
"""Other values that the hash does not see, for the fingerprint says what they came to."""

OTHER = {
    "seed": 8,
    "data.fingerprint": "b" * 64,
    "data.columns": ("fare", "age"),
    "data.size": 29,
    "data.fit": "crop",
    "split.name": "random",
    "split.validation": 0.3,
    "split.examples": 901,
    "split.folds": 4,
    "split.fold": 2,
    "training.epochs": 4,
    "training.batch_size": 51,
    "training.monitor": "accuracy",
    "training.calibration": "none",
    "training.class_weights": "none",
    "model.name": "lenet5",
    "model.depth": 2,
    "model.activation": "relu",
    "model.norm": "group",
    "model.dropout": 0.5,
    "model.width": 12,
    "initialiser.name": "lecun-1998",
    "initialiser.output": 0.25,
    "initialiser.class_frequencies": True,
    "initialiser.fan": "out",
    "loss.name": "map-1998",
    "optimizer.name": "sgd",
    "optimizer.learning_rate": 0.04,
    "optimizer.weight_decay": 0.0,
    "optimizer.layer_decay": 0.5,
    "optimizer.momentum": 0.7,
    "schedule.name": "one-cycle",
    "schedule.final": 0.5,
    "schedule.warmup": 0.25,
    "sampling.name": "sequential",
    "tricks.early-stopping.patience": 5,
    "tricks.early-stopping.least": 0.5,
}
"""Another legal value for each of its other leaves."""


def leaves(values, path=""):
    if isinstance(values, dict):
        return [leaf for key, one in values.items() for leaf in leaves(one, f"{path}.{key}".lstrip("."))]
    return [path]


def changed(path, value):
    """WHOLE with one leaf changed; another member of a family starts without the old one's settings."""
    section, _, key = path.partition(".")
    return {**WHOLE, section: {"name": value}} if key == "name" else with_value(WHOLE, path, value)


def problems_of(values):
    with pytest.raises(BadInput) as caught:
        read_recipe(values)
    return list(caught.value.problems)


def test_silence_is_filled_with_the_defaults():
    recipe = read_recipe({})
    names = {part: getattr(recipe, part).name for part in ("model", "initialiser", "loss", "optimizer", "schedule")}
    assert names == {
        "model": "lenet5",
        "initialiser": "he-normal",
        "loss": "cross-entropy",
        "optimizer": "adamw",
        "schedule": "one-cycle",
    }
    assert (recipe.seed, recipe.split.validation, recipe.training.epochs, recipe.sampling.name) == (
        0,
        0.1,
        20,
        "shuffled",
    )
    assert recipe.data.source == "digits"
    assert recipe.data.fingerprint is recipe.data.size is None
    assert recipe.augment == recipe.tricks == ()


def test_a_name_stands_for_a_part_with_its_defaults():
    assert read_recipe({"model": "mlp"}).model == MLP()
    assert read_recipe({"model": {"name": "mlp", "width": 5}}).model == MLP(width=5)
    assert read_recipe({"model": "timm:some_net"}).model == TimmModel(model="some_net")
    assert read_recipe({"tricks": ["early-stopping"]}).tricks == (EarlyStopping(),)
    assert read_recipe({"tricks": {"early-stopping": {"patience": 3}}}).tricks == (EarlyStopping(patience=3),)


LISTED = """
[model]
name = "sequential"

[[model.layers]]
name = "convolution"
maps = 6
kernel = 5

[[model.layers]]
name = "table-convolution"
table = [[0, 1], [2, 5]]

[[model.layers]]
name = "activation"
function = "tanh"

[[model.layers]]
name = "flatten"
"""


def test_layers_are_listed_as_tables(tmp_path):
    path = tmp_path / "recipe.toml"
    path.write_text(LISTED)
    recipe = read_recipe(read_toml(path))
    table = TableConvolution(table=((0, 1), (2, 5)))
    layers = (Convolution(maps=6, kernel=5), table, ActivationLayer(function=Tanh()), Flatten())
    assert recipe.model == Sequential(layers=layers)
    path.write_text(recipe.to_toml())
    again = read_recipe(read_toml(path))
    assert again == recipe and again.hash() == recipe.hash()
    swapped = read_recipe({"model": Sequential(layers=(*layers[:2], Flatten(), layers[2]))})
    other = read_recipe({"model": {"name": "sequential", "layers": [{"name": "convolution", "maps": 7}, "flatten"]}})
    assert len({one.hash() for one in (recipe, swapped, other)}) == 3


def test_what_is_wrong_with_a_listed_layer_names_the_layer():
    layers = [
        "flatten",
        {"name": "convolution", "kernel": 0, "map": 3},
        {"name": "activation", "function": {"name": "leaky-relu", "slope": 2}},
        {"name": "linaer"},
        {"name": "dropout", "rate": 0.5},
        7,
        {},
    ]
    found = problems_of({"model": {"name": "sequential", "layers": layers}, "seed": -1})
    assert [problem.split(",")[0].split(";")[0] for problem in found] == [
        "model.layers[1].kernel must be a whole number at least 1",
        "model.layers[1].map is not a setting that exists",
        "model.layers[2].function.slope must be a number at least 0 and at most 1",
        "model.layers[3] must be one of activation",
        "model.layers[5] must be one of activation",
        "model.layers[6] must be one of activation",
        f"seed must be a whole number from 0 to {LARGEST_SEED}",
    ]
    assert "but got 'linaer'; did you mean 'linear'? the layers from the input on" in found[3]


def test_an_architecture_suggests_what_the_user_leaves_open():
    alone = read_recipe({"model": "lenet5-1998"})
    assert alone.loss.name == "map-1998" and alone.initialiser.name == "lecun-1998"
    assert read_recipe({"model": "lenet5-1998", "loss": "cross-entropy"}).loss.name == "cross-entropy"
    assert read_recipe({"model": "lenet5"}).loss.name == "cross-entropy"


def test_suggested_settings_stay_under_those_of_the_user(monkeypatch):
    card = Card(summary="Some.", source="This test")
    object.__setattr__(card, "suggests", {"optimizer": {"name": "momentum", "learning_rate": 0.5, "momentum": 0.25}})
    monkeypatch.setattr(LeNet5, "card", card)
    assert read_recipe({}).optimizer == Momentum(learning_rate=0.5, momentum=0.25)
    assert read_recipe({"optimizer": {"momentum": 0.75}}).optimizer == Momentum(learning_rate=0.5, momentum=0.75)
    assert read_recipe({"optimizer": {"name": "sgd"}}).optimizer.learning_rate == 0.1


def test_a_recipe_survives_toml(tmp_path):
    recipe = read_recipe(WHOLE)
    path = tmp_path / "recipe.toml"
    path.write_text(recipe.to_toml())
    again = read_recipe(read_toml(path))
    assert again == recipe
    assert again.to_toml() == recipe.to_toml()
    assert again.hash() == recipe.hash()
    assert recipe.dump() == WHOLE


def test_names_in_any_script_survive_toml(tmp_path):
    path = tmp_path / "recipe.toml"
    recipe = read_recipe({"data": {"source": 'naïve "数据"\n☃.npz'}})
    path.write_bytes(recipe.to_toml().encode())
    assert read_recipe(read_toml(path)).data.source == recipe.data.source


@pytest.mark.parametrize("owner", ["recipe", "training", "model", "tricks"])
def test_nothing_of_a_recipe_can_be_changed(owner):
    recipe = read_recipe(WHOLE)
    target, key = {
        "recipe": (recipe, "seed"),
        "training": (recipe.training, "epochs"),
        "model": (recipe.model, "width"),
        "tricks": (recipe.tricks[0], "patience"),
    }[owner]
    with pytest.raises(ValidationError, match="frozen"):
        setattr(target, key, 3)


def test_the_hash_is_the_same_for_ever():
    """On every machine and in every version of Python; only a further setting of one of these parts changes it.

    What has no columns is not changed by theirs.
    """
    recipe = read_recipe({**WHOLE, "data": {key: value for key, value in WHOLE["data"].items() if key != "columns"}})
    assert recipe.hash() == "19f62288ba5c9f2db6132c656f002bc3570ac5f471c23ab44367a798c6f45376"
    assert recipe.hash(with_seed=False) == "ca56dead0b07f8e8e879611fee9bf36ddc9a470e7519abcb5b3b3e7105f015c7"


def test_whole_is_whole():
    assert read_recipe(WHOLE).dump().keys() == read_recipe({}).dump().keys() == WHOLE.keys()
    assert set(leaves(WHOLE)) - ALIKE.keys() == OTHER.keys()


@pytest.mark.parametrize("path", OTHER)
def test_every_leaf_changes_the_hash(path):
    other = read_recipe(changed(path, OTHER[path]))
    assert other.hash() != read_recipe(WHOLE).hash()
    assert (other.hash(with_seed=False) == read_recipe(WHOLE).hash(with_seed=False)) == (path == "seed")


@pytest.mark.parametrize(("path", "value"), ALIKE.items())
def test_the_hash_does_not_see_what_the_fingerprint_says(path, value):
    assert read_recipe(with_value(WHOLE, path, value)).hash() == read_recipe(WHOLE).hash()


def test_the_hash_does_not_see_the_order_of_tables_or_how_a_number_is_written():
    mixed = {key: WHOLE[key] for key in reversed(WHOLE)}
    assert read_recipe(mixed).hash() == read_recipe(WHOLE).hash()
    one, other = (read_recipe({"optimizer": {"learning_rate": rate}}) for rate in (1, 1.0))
    assert one.hash() == other.hash()


def test_the_hash_knows_one_zero():
    hashes = {read_recipe({"optimizer": {"name": "adamw", "weight_decay": zero}}).hash() for zero in (0.0, -0.0, 0)}
    assert len(hashes) == 1


def test_the_hash_sees_the_order_of_augmentations_and_not_that_of_tricks():
    class Second(Shade):
        name = "second"

    class Later(EarlyStopping):
        name = "a-later-one"

    one, other = Shade(), Second()
    assert read_recipe({"augment": [one, other]}).hash() != read_recipe({"augment": [other, one]}).hash()
    first, later = EarlyStopping(), Later()
    ones, others = read_recipe({"tricks": [first, later]}), read_recipe({"tricks": [later, first]})
    assert ones.hash() == others.hash() and ones.tricks == others.tricks == (later, first)


@dataclass
class Case:
    values: dict
    problem: str


TRICK_NAMES = ", ".join(TRICKS.members)
SECTIONS = "augment, data, initialiser, loss, model, optimizer, sampling, schedule, seed, split, training, tricks"
ARCHITECTURE_NAMES = ", ".join(ARCHITECTURES.members)
CASES = [
    Case({"modle": "mlp"}, f"modle is not a section that exists; did you mean 'model'? known: {SECTIONS}"),
    Case({"model": "lenet"},
         "model.name must be the name of a known architecture, but got 'lenet'; "
         f"did you mean 'lenet5'? known: {ARCHITECTURE_NAMES}"),
    Case({"model": 3},
         f"model.name must be the name of a known architecture, but got 3; known: {ARCHITECTURE_NAMES}"),
    Case({"model": {"name": "mlp", "widht": 5}},
         "model.widht is not a setting that exists; did you mean 'width'? "
         "known: activation, depth, dropout, norm, width"),
    Case({"training": {"epochs": 0}},
         "training.epochs must be a whole number at least 1, but got 0; how often each example is seen (default 20)"),
    Case({"training": {"epochs": 1_000_000_001}},
         "training.epochs must be a whole number at least 1 and at most 1,000,000,000, but got 1000000001; "
         "how often each example is seen (default 20)"),
    Case({"training": {"epochs": 10**5000}},
         "training.epochs must be a whole number at least 1 and at most 1,000,000,000, but got a whole number of 5,001 "
         "digits; how often each example is seen (default 20)"),
    Case({"model": 10**5000},
         "model.name must be the name of a known architecture, but got a whole number of 5,001 digits; "
         f"known: {ARCHITECTURE_NAMES}"),
    Case({"seed": 10**5000},
         f"seed must be a whole number from 0 to {(1 << 63) - 1}, but got a whole number of 5,001 digits; set it with "
         "--seed 0"),
    Case({"training": {"epochs": "3"}},
         "training.epochs must be a whole number at least 1, but got '3'; how often each example is seen (default 20)"),
    Case({"model": {"name": "mlp", "depth": True}},
         "model.depth must be a whole number at least 0, but got True; "
         "hidden layers; 0 is softmax regression (default 2)"),
    Case({"training": {"epochs": 2.5}},
         "training.epochs must be a whole number at least 1, but got 2.5; how often each example is seen (default 20)"),
    Case({"training": {"monitor": "f1"}},
         "training.monitor must be one of accuracy, auroc, ece, log-loss, loss, macro-f1, mae, r2, rmse, top-5, "
         "but got 'f1'; "
         "the metric on the validation part that decides; by default r2 where values are predicted (default accuracy)"),
    Case({"split": {"validation": 1}},
         "split.validation must be a number at least 0 and below 1, but got 1; "
         "share of what is not test that choices are made on; 0 is none (default 0.1)"),
    Case({"split": {"folds": 5}},
         "split.folds needs split.fold beside it, but got none; set both or leave both out"),
    Case({"split": {"name": "random", "fold": 0}},
         "split.fold needs split.folds beside it, but got none; set both or leave both out"),
    Case({"split": "randomly"},
         "split.name must be the name of a known splitter, but got 'randomly'; did you mean 'random'? "
         "known: group, random, stratified, time"),
    Case({"data": "digits"}, "data must be a table of settings, but got 'digits'; write [data] and its keys"),
    Case({"tricks": 1}, "tricks must be a table of parts, but got 1; write [tricks.NAME]"),
    Case({"tricks": {"early-stopping": 1}},
         "tricks.early-stopping must be a table of settings, but got 1; write [tricks.early-stopping] and its keys"),
    Case({"tricks": {"early-stoping": {}}},
         "tricks.early-stoping.name must be the name of a known trick, but got 'early-stoping'; "
         f"did you mean 'early-stopping'? known: {TRICK_NAMES}"),
    Case({"tricks": [{}]}, f"tricks.name must be the name of a known trick, but got None; known: {TRICK_NAMES}"),
    Case({"tricks": [EarlyStopping(), EarlyStopping(patience=2)]},
         "tricks.early-stopping must be given once, but is given 2 times; take one of them out"),
    Case({"augment": [Shade(), Shade(), Shade()]},
         "augment.shade must be given once, but is given 3 times; take one of them out"),
    Case({"loss": EarlyStopping(patience=2)},
         "loss must be a loss, but got EarlyStopping(patience=2, least=0.0); pass an object of Loss"),
    Case({"seed": -1}, f"seed must be a whole number from 0 to {LARGEST_SEED}, but got -1; set it with --seed 0"),
    Case({"seed": LARGEST_SEED + 1},
         f"seed must be a whole number from 0 to {LARGEST_SEED}, but got {LARGEST_SEED + 1}; set it with --seed 0"),
    Case({"seed": True}, f"seed must be a whole number from 0 to {LARGEST_SEED}, but got True; set it with --seed 0"),
    Case({"split": {"validation": 0}, "tricks": ["early-stopping"]},
         "tricks.early-stopping needs a validation part, but split.validation is 0; "
         "set it above 0 or take the trick out"),
    Case({"model": "resnet20", "training": {"batch_size": 1}},
         "model.norm = 'batch' needs batches of two examples at least, but training.batch_size is 1; "
         "raise it, or set model.norm = 'group'"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: re.sub(r"\W+", "-", show(case.values))[:40])
def test_what_is_wrong_is_said_with_the_rule_the_value_and_the_remedy(case):
    assert problems_of(case.values) == [case.problem]


@pytest.mark.parametrize("rate", [float("nan"), float("inf"), -1, "fast", True, [0.1], 10**400, -(10**5000)], ids=show)
def test_a_number_must_be_a_finite_number_in_range(rate):
    (problem,) = problems_of({"optimizer": {"learning_rate": rate}})
    shown = show(tuple(rate) if isinstance(rate, list) else rate)
    assert problem.startswith(f"optimizer.learning_rate must be a number at least 0, but got {shown}; size of a step")


def test_everything_wrong_is_said_at_once():
    wrong = {
        "sed": 1,
        "seed": "x",
        "data": {"sourc": "digits", "size": 0},
        "split": [],
        "training": {"epochs": 0, "batch_size": "many"},
        "model": "lenet6",
        "optimizer": {"learning_rate": -1, "beta3": 0},
        "sampling": [],
        "augment": "flip",
        "tricks": {"early-stopping": {"patience": 0}, "mixpu": {}},
    }
    starts = [problem.split(" ")[0] for problem in problems_of(wrong)]
    assert sorted(starts) == [
        "augment", "data.size", "data.sourc", "model.name", "optimizer.beta3", "optimizer.learning_rate",
        "sampling.name", "sed", "seed", "split.name", "training.batch_size", "training.epochs",
        "tricks.early-stopping.patience", "tricks.mixpu.name",
    ]  # fmt: skip


def test_both_ends_of_the_seed_are_legal():
    assert [read_recipe({"seed": seed}).seed for seed in (0, LARGEST_SEED)] == [0, LARGEST_SEED]


class Sleepy(Trick):
    name = "sleepy"
    card = TrickCard(summary="Does nothing.", source="This test")

    hours: int = hyperparameter(8, bounds=Range(0), description="hours asleep")


class Slow(Momentum):
    name = "slow"


def test_own_parts_pass_as_objects_and_are_named():
    trick, optimizer = Sleepy(hours=3), Slow(momentum=0.5)
    recipe = read_recipe({"tricks": [trick], "optimizer": optimizer, "model": OwnModule(type="a.B", layout="ff")})
    assert recipe.tricks == (trick,) and recipe.optimizer is optimizer
    assert set(recipe.own_classes()) == {Sleepy, Slow, OwnModule}
    assert recipe.dump()["tricks"] == {"sleepy": {"hours": 3}}
    assert read_recipe({"model": "mlp", "tricks": ["early-stopping"]}).own_classes() == ()


def test_own_parts_can_be_named_where_their_classes_are_given(tmp_path):
    recipe = read_recipe({"tricks": [Sleepy(hours=3)], "optimizer": Slow(momentum=0.5)})
    path = tmp_path / "recipe.toml"
    path.write_text(recipe.to_toml())
    again = read_recipe(read_toml(path), own=(Sleepy, Slow))
    assert again == recipe and again.hash() == recipe.hash()
    with pytest.raises(BadInput) as caught:
        read_recipe(read_toml(path))
    assert [problem.split(";")[0] for problem in caught.value.problems] == [
        "optimizer.name must be the name of a known optimizer, but got 'slow'",
        "tricks.sleepy.name must be the name of a known trick, but got 'sleepy'",
    ]


def test_a_class_of_another_family_does_not_lend_its_name():
    with pytest.raises(
        BadInput, match=re.escape("optimizer.name must be the name of a known optimizer, but got 'sleepy'")
    ):
        read_recipe({"optimizer": "sleepy"}, own=(Sleepy,))


def test_data_fill_in_fingerprint_and_size():
    digits = pictures(61, side=9)
    recipe = resolve(read_recipe({}), digits)
    assert (recipe.data.fingerprint, recipe.data.size) == (digits.fingerprint, 28)
    assert resolve(read_recipe({"data": {"size": 14}}), digits).data.size == 14
    assert resolve(read_recipe({"model": "mlp"}), digits).data.size == 9
    wide = Dataset("wide", np.zeros((5, 7, 11, 1), np.uint8), np.zeros(5, np.int64), ("a", "b"))
    assert resolve(read_recipe({"model": "mlp"}), wide).data.size == 11
    table = resolve(read_recipe({"model": "mlp"}), rows(53))
    assert table.data.size is None and "size" not in table.dump()["data"]
    assert resolve(recipe, digits) == recipe


def test_a_recipe_is_refused_by_other_data():
    one, other = rows(41), rows(43)
    with pytest.raises(BadInput) as caught:
        resolve(resolve(read_recipe({"model": "mlp"}), one), other)
    assert str(caught.value) == (
        f"the recipe was made for data with fingerprint {one.fingerprint[:12]}, but rows has {other.fingerprint[:12]}; "
        "restore the data, or take data.fingerprint out of the recipe to train on the new ones"
    )


def test_rows_have_no_side():
    with pytest.raises(BadInput) as caught:
        resolve(read_recipe({"model": "mlp", "data": {"size": 28}}), rows(53))
    assert str(caught.value) == "data.size is a side of pictures, but rows holds rows; take data.size out of the recipe"


@pytest.mark.parametrize(("side", "model"), [(5, "lenet5"), (40, "lenet5"), (41, "resnet20"), (500, "resnet20")])
def test_the_default_architecture_follows_from_the_data(side, model):
    dataset = Dataset("squares", np.zeros((3, 4, side, 1), np.uint8), np.zeros(3, np.int64), ("a", "b"))
    assert default_model(dataset) == model
    small = np.zeros((3, 2, 2, 1), np.uint8)
    assert default_model(replace(dataset, inputs=small, side=side)) == model, "they were larger before they were read"


@pytest.mark.parametrize(("model", "size"), [("resnet20", 32), ("resnet18", 44), ("lenet5", 28)])
def test_pictures_are_brought_to_the_native_size_or_keep_their_own(model, size):
    dataset = Dataset("tall", np.zeros((3, 44, 41, 1), np.uint8), np.zeros(3, np.int64), ("a", "b"))
    assert resolve(read_recipe({"model": model}), dataset).data.size == size


def test_one_example_per_batch_is_no_matter_for_other_norms():
    assert read_recipe({"model": {"name": "resnet20", "norm": "group"}, "training": {"batch_size": 1}})
    assert read_recipe({"model": "lenet5", "training": {"batch_size": 1}})


def test_the_default_architecture_of_rows_is_the_mlp():
    assert default_model(arrays.read((np.zeros((4, 5)), [0, 1, 0, 1]))) == "mlp"
