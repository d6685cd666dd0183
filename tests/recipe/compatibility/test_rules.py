"""The rules of compatibility: each is broken by a case at its stage, and all that is broken is told at once."""

import dataclasses
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import nn

from luthier.core.card import TrickCard
from luthier.core.errors import BadInput
from luthier.data import Dataset
from luthier.data.split import Split, split
from luthier.data.unlabelled import Unlabelled
from luthier.models.losses import Hinge
from luthier.recipe.compatibility import RULES, check_dataset, check_network, check_recipe, check_split
from luthier.recipe.network import describe_module
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import Recipe
from luthier.testing.material import Shade, SmallNet, pictures, rows, values
from luthier.testing.training import prepare_recipe, prepared, start_training
from luthier.training import Stream
from luthier.training.trick import Trick

CPU = torch.device("cpu")


class Spread(Trick):
    """Asks for everything that may be missing."""

    name = "spread"
    card = TrickCard(summary="Spreads.", source="This test")
    needs_validation: ClassVar[bool] = True
    spreads_targets: ClassVar[bool] = True
    needs_pictures: ClassVar[bool] = True
    tasks: ClassVar[tuple[str, ...]] = ("classification",)

    def streams(self):
        return {"further": 3}


class Other(Trick):
    name = "other"
    card = TrickCard(summary="Conflicts.", source="This test", conflicts={"spread": "they are opposites"})

    def streams(self):
        return {"further": 2, "unlabelled": 1}


def recipe(**sections: Any) -> Recipe:
    """Put a recipe together without any check; a table of settings is read, a part is taken as it is."""
    sound = read_recipe({"model": "mlp"})
    parts = {name: getattr(sound, name) for name in Recipe.model_fields}
    read = {
        name: getattr(read_recipe({"model": "mlp", name: one}), name) if isinstance(one, dict) else one
        for name, one in sections.items()
    }
    return Recipe.model_construct(**{**parts, **read})


ROWS, PICTURES, VALUES = rows(53), pictures(61), values(53)
MORE = dataclasses.replace(ROWS, unlabelled=Unlabelled("more", ROWS.inputs))
GIVEN = dataclasses.replace(ROWS, official_test=np.arange(53) > 40, official_validation=np.arange(53) < 9)
ALONE = (
    "a batch norm needs two values of each channel, but {} gets one where a batch is one example, "
    "as training.batch_size = {} makes of {} examples; "
    "give two examples or more and set training.batch_size = 3 or more, or take another norm"
)
FEW = Split(np.arange(53), np.zeros(0, np.int64), np.zeros(0, np.int64))
OF_THE_RECIPE = [
    ({"tricks": (Spread(), Other())}, None, "tricks.other cannot be used beside tricks.spread: they are opposites"),
    ({"augment": (Shade(), Shade())}, None, "augment.shade must be given once, but is given 2 times"),
    ({"split": recipe().split.model_copy(update={"folds": 5})}, None, "split.folds needs split.fold beside it"),
    ({"tricks": (Spread(),), "split": {"validation": 0.0}}, None, "tricks.spread needs a validation part, but split"),
    ({"tricks": (Spread(),), "loss": Hinge()}, None, "loss hinge takes one class per example, but tricks.spread"),
    (
        {"training": {"batch_size": 1}, "model": read_recipe({"model": "resnet20"}).model},
        None,
        "model.norm = 'batch' needs batches of two examples at least",
    ),
    ({"tricks": (Spread(), Other())}, None, "tricks that share an extra stream must want as much of it, but tricks"),
    (
        {"model": describe_module(SmallNet()), "initialiser": {"class_frequencies": True}},
        None,
        "initialiser.class_frequencies needs an architecture of the catalogue",
    ),
    (
        {"model": describe_module(SmallNet()), "initialiser": {"name": "orthogonal"}},
        None,
        "an initialiser needs an architecture of the catalogue, but got orthogonal",
    ),
    ({"tricks": (Spread(),)}, "search", "a search trains in processes of their own"),
    ({"tricks": (Spread(),)}, "batch-size", "trying batch sizes trains in processes of their own"),
    ({"training": {"calibration": "temperature"}}, "estimator", "training.calibration is for runs"),
    ({"tricks": (Spread(),)}, "single-epochs", "single epochs have no validation part, but tricks.spread needs one"),
    ({"split": {"folds": 5, "fold": 1}}, "folds", "folds are dealt to the whole of the data, but the recipe is fold 1"),
]
OF_THE_DATA = [
    ({"data": {"fingerprint": "0" * 64}}, ROWS, None, "the recipe was made for data with fingerprint 000000000000"),
    ({"model": read_recipe({"model": "lenet5-1998"}).model}, VALUES, None, "model lenet5-1998 is for classification"),
    ({}, VALUES, None, "loss cross-entropy is for classification"),
    ({}, VALUES, None, "training.monitor must be a metric of the task"),
    ({"training": {"class_weights": "balanced"}}, VALUES, None, "training.class_weights = 'balanced' needs classes"),
    ({"training": {"calibration": "temperature"}}, VALUES, None, "training.calibration mends probabilities"),
    ({"sampling": {"name": "balanced"}}, VALUES, None, "sampling.balanced needs classes"),
    ({"initialiser": {"class_frequencies": True}}, VALUES, None, "initialiser.class_frequencies needs classes"),
    ({"sampling": {"name": "weighted"}}, ROWS, None, "sampling.weighted needs the weight of each example"),
    ({"tricks": (Spread(),)}, VALUES, None, "tricks.spread is for classification, but values is for regression"),
    ({"data": {"size": 8}}, ROWS, None, "data.size is a side of pictures, but rows holds rows"),
    ({"data": {"group": "signer"}}, ROWS, None, "data.group = 'signer' names a column of a table, but rows is none"),
    ({"split": {"validation": 0.3}}, GIVEN, None, "split.validation is the share of a validation part to be drawn"),
    ({"split": {"name": "random"}}, GIVEN, None, "split.name says how parts are drawn, but got 'random'"),
    ({"augment": (Shade(),)}, ROWS, None, "augmentations change pictures, but the data are rows"),
    ({"tricks": (Spread(),)}, ROWS, None, "tricks.spread changes pictures, but rows holds rows"),
    ({}, MORE, "run", "unlabelled examples are for tricks that learn from them, but nothing uses these 53"),
    ({}, MORE, "folds", "unlabelled examples are for tricks that learn from them, but nothing uses these 53"),
    ({}, ROWS, "pseudo-labels", "--pseudo-labels needs examples without labels"),
    ({}, VALUES, "pseudo-labels", "--pseudo-labels gives classes, but values is for regression"),
    (
        {},
        dataclasses.replace(MORE, extra=np.zeros(53, bool)),
        "pseudo-labels",
        "--pseudo-labels makes extra examples of its own",
    ),
]
OF_THE_SPLIT = [
    ({"schedule": {"name": "reduce-on-plateau"}}, None, "schedule.reduce-on-plateau needs a validation part, but rows"),
    ({"training": {"monitor": "top-5"}}, None, "training.monitor must be a metric that the validation part defines"),
    ({}, "run", "a run needs a test part, but rows leaves it none of its 53 examples"),
    ({}, "search", "trials are compared on a validation part"),
]


@pytest.mark.parametrize(("sections", "use", "words"), OF_THE_RECIPE)
def test_rules_of_the_recipe_alone(sections, use, words):
    found = check_recipe(recipe(**sections), use)
    assert [line for line in found if words in line], found
    if use:
        assert not [line for line in check_recipe(recipe(**sections)) if words in line]


@pytest.mark.parametrize(("sections", "dataset", "use", "words"), OF_THE_DATA)
def test_rules_with_the_data(sections, dataset, use, words):
    found = check_dataset(recipe(**sections), dataset, use)
    assert [line for line in found if words in line], found
    if use:
        assert not [line for line in check_dataset(recipe(**sections), dataset) if words in line]


@pytest.mark.parametrize(("sections", "use", "words"), OF_THE_SPLIT)
def test_rules_with_the_parts(sections, use, words):
    found = check_split(recipe(**sections), ROWS, FEW, use)
    assert [line for line in found if words in line], found
    assert not [line for line in check_split(recipe(), ROWS, split(ROWS, 0), use) if words in line]


def broken_network() -> tuple[Any, tuple[int, ...]]:
    """A trainer that breaks all rules of networks and streams, and the shape of its examples."""
    made = prepared({"training": {"epochs": 1, "batch_size": 9}}, dataset=rows(53), module=nn.Linear(7, 3))
    network = nn.Sequential(nn.Linear(7, 5), nn.BatchNorm1d(5), nn.GroupNorm(5, 5), nn.Linear(5, 3))
    context = dataclasses.replace(made.trainer.training, network=network, batch_size=1)
    streams = {"further": Stream(prepared().trainer.training.examples, 2)}
    tricks = (Other(), type("Third", (Spread,), {"streams": lambda self: {"third": 1}})())
    return dataclasses.replace(made.trainer, training=context, tricks=tricks, streams=streams), (7,)


def test_rules_of_the_network_are_told_at_once():
    beginnings = (
        "a group norm needs two values in each group of an example, but 2 gets one",
        "a batch norm needs two values of each channel, but 1 gets one",
        "tricks.other learns from examples without labels, but there are none",
        "the recipe's tricks need extra streams, but third is not given",
        "extra stream further must hold inputs like those of training, (7,) torch.float32",
    )
    found = check_network(*broken_network())
    assert [line.startswith(words) for line, words in zip(found, beginnings, strict=True)] == [True] * 5


def test_every_rule_is_broken_by_a_case():
    cases = {
        "recipe": [(recipe(**sections),) for sections, *_ in OF_THE_RECIPE],
        "dataset": [(recipe(**sections), dataset) for sections, dataset, *_ in OF_THE_DATA],
        "split": [(recipe(**sections), ROWS, FEW) for sections, *_ in OF_THE_SPLIT],
        "network": [broken_network()],
    }
    assert [rule for rule in RULES if not any([*rule.find(*known)] for known in cases[rule.stage])] == []


def test_a_sound_recipe_breaks_none():
    assert check_recipe(recipe()) == check_dataset(recipe(), ROWS, "run") == []
    assert check_split(recipe(), ROWS, split(ROWS, 0), "run") == []


def test_parts_that_could_not_be_read_are_passed_over():
    names = ("split", "training", "model", "initialiser", "loss", "optimizer", "schedule", "sampling")
    assert check_recipe(recipe(**dict.fromkeys(names))) == []


def test_everything_that_does_not_fit_is_told_at_once():
    with pytest.raises(BadInput) as caught:
        prepare_recipe(read_recipe({"model": "lenet5-1998", "sampling": "balanced", "augment": [Shade()]}), VALUES, CPU)
    assert len(caught.value.problems) == 6


def refusal(*arguments, **named):
    with pytest.raises(BadInput) as caught:
        prepare_recipe(*arguments, **named)
    return str(caught.value)


def mlp(**sections):
    return read_recipe({"model": {"name": "mlp", "depth": 1, "width": 11}, **sections})


def test_augmentation_needs_pictures():
    message = refusal(mlp(augment=[Shade()]), rows(53), CPU)
    assert message == "augmentations change pictures, but the data are rows; take [augment] out of the recipe"
    assert prepare_recipe(mlp(augment=[Shade()]), pictures(61), CPU).recipe.augment


def test_a_trick_that_needs_validation_needs_an_example_there():
    few = Dataset("few", np.arange(9, dtype=np.float32)[:, None], np.arange(9) % 3, ("a", "b", "c"))
    message = refusal(mlp(tricks=["early-stopping"]), few, CPU)
    assert message == (
        "tricks.early-stopping needs a validation part, but few leaves none of its 9 examples; "
        "raise split.validation, add examples or take the trick out"
    )
    assert refusal(mlp(schedule="reduce-on-plateau"), few, CPU) == (
        "schedule.reduce-on-plateau needs a validation part, but few leaves none of its 9 examples; "
        "raise split.validation, add examples or choose another schedule"
    )
    assert len(prepare_recipe(mlp(), few, CPU).trainer.validation) == 0
    assert prepare_recipe(mlp(tricks=["early-stopping"], split={"validation": 0.5}), few, CPU).trainer.tricks


def with_norm(count, size, network=None):
    """Arguments of prepare for so many training examples in batches of a size, with a batch norm."""
    module = network or nn.Sequential(nn.Linear(7, 5), nn.BatchNorm1d(5), nn.Linear(5, 3))
    data = pictures(count + 5) if isinstance(network, SmallNet) else rows(count + 5)
    data = dataclasses.replace(data, official_test=np.arange(count + 5) >= count)
    settings = {"split": {"validation": 0}, "training": {"epochs": 1, "batch_size": size}}
    return read_recipe({"model": describe_module(module), **settings}), data, CPU, module


@pytest.mark.parametrize(("count", "size"), [(20, 1), (19, 2), (3, 2)])
def test_batch_norm_and_a_batch_of_one_example(count, size):
    assert refusal(*with_norm(count, size)) == ALONE.format("body.1", size, count)


@pytest.mark.parametrize(("count", "size"), [(20, 2), (19, 3), (4, 3), (3, 64)])
def test_batches_of_two_are_enough_for_batch_norm(count, size):
    assert start_training(lambda: prepare_recipe(*with_norm(count, size)).trainer).advance().rows


def test_a_batch_norm_that_sees_many_pixels_takes_one_example():
    assert start_training(lambda: prepare_recipe(*with_norm(13, 1, SmallNet())).trainer).advance().rows


def test_the_check_of_norms_leaves_the_network_as_it_was():
    recipe, data, *rest = with_norm(13, 1, SmallNet())
    network = prepare_recipe(recipe, data, *rest).trainer.network
    assert network.training and int(network.body.norm.num_batches_tracked) == 0


def test_a_norm_without_running_statistics_is_found_too():
    module = nn.Sequential(nn.Linear(7, 5), nn.BatchNorm1d(5, track_running_stats=False), nn.Linear(5, 3))
    assert refusal(*with_norm(19, 2, module)) == ALONE.format("body.1", 2, 19)


@pytest.mark.parametrize("size", [1, 5])
def test_a_group_norm_of_single_values_is_refused(size):
    module = nn.Sequential(nn.Linear(7, 5), nn.GroupNorm(5, 5), nn.Linear(5, 3))
    assert refusal(*with_norm(20, size, module)) == (
        "a group norm needs two values in each group of an example, but body.1 gets one, which leaves nothing of it; "
        "set fewer groups, a larger data.size or model.width, or take another norm"
    )


@pytest.mark.parametrize("norm", [nn.GroupNorm(1, 5), nn.GroupNorm(2, 6)])
def test_a_group_norm_takes_batches_of_one_example(norm):
    module = nn.Sequential(nn.Linear(7, norm.num_channels), norm, nn.Linear(norm.num_channels, 3))
    assert start_training(lambda: prepare_recipe(*with_norm(13, 1, module)).trainer).advance().rows
