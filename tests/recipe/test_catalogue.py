"""The catalogue: every part of every table, with what its declaration says."""

import json

import pytest

from luthier.core.declare import rule
from luthier.core.errors import BadInput
from luthier.data import SOURCES
from luthier.recipe.catalogue import FAMILIES, TIPS, items
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import FAMILIES as SECTIONS
from luthier.recipe.recipe import TABLES, TrainingConfig
from luthier.recipe.values import with_value
from luthier.stats.metrics import METRICS


def members(kind):
    """Names of a kind; under tricks those of all tips."""
    if kind == "tricks":
        return [*FAMILIES["tricks"].members, *FAMILIES["augmentations"].members, *(tip.name for tip in TIPS)]
    others = {"data": SOURCES, "metrics": METRICS}
    return others[kind] if kind in others else FAMILIES[kind].members


@pytest.mark.parametrize("kind", [*FAMILIES, "data", "metrics"])
def test_every_item_has_a_name_a_summary_and_a_source(kind):
    found = items(kind)
    assert [item["name"] for item in found] == sorted(members(kind))
    assert all(item["summary"].endswith(".") and item["source"] for item in found)
    assert json.loads(json.dumps(found, allow_nan=False)) == found


INSIDE = {"activations", "layers"}
"""Families whose members stand inside other parts, not in a section of their own."""


def test_every_family_of_a_recipe_is_listed():
    listed = {id(family) for kind, family in FAMILIES.items() if kind not in INSIDE}
    assert listed == {id(one) for one in (*SECTIONS.values(), *TABLES.values())}


def test_a_setting_is_told_as_it_is_declared():
    (mlp,) = [item for item in items("architectures") if item["name"] == "mlp"]
    assert mlp["hyperparameters"] == [
        {
            "name": "depth",
            "default": 2,
            "rule": "a whole number at least 0",
            "search": {"low": 1, "high": 4, "log": False, "step": None},
            "says": "hidden layers; 0 is softmax regression",
        },
        {
            "name": "width",
            "default": 128,
            "rule": "a whole number at least 1",
            "search": {"low": 16, "high": 1024, "log": True, "step": None},
            "says": "units in each hidden layer",
        },
        {
            "name": "activation",
            "default": "relu",
            "rule": "one of " + ", ".join(FAMILIES["activations"].members),
            "search": None,
            "says": "what follows each hidden layer",
        },
        {
            "name": "norm",
            "default": "none",
            "rule": "one of batch, group, layer, none",
            "search": None,
            "says": "how layers are normalised before their activation: over the batch, over groups of 32 channels of "
            "one example, over all channels of one example (layer), or not at all (none)",
        },
        {
            "name": "dropout",
            "default": 0.0,
            "rule": "a number at least 0 and below 1",
            "search": {"low": 0, "high": 0.7, "log": False, "step": None},
            "says": "share of values dropped in training after each hidden layer; 0 drops none, near 1 nearly all",
        },
    ]


@pytest.mark.parametrize("kind", sorted(FAMILIES.keys() - INSIDE))
def test_every_default_is_legal_and_is_what_a_recipe_takes(kind):
    section = next(name for name, family in {**SECTIONS, **TABLES}.items() if family is FAMILIES[kind])
    for item in items(kind):
        if item["name"] not in FAMILIES[kind].members:  # a tip from another section
            continue
        values = {one["name"]: one["default"] for one in item["hyperparameters"]}
        given = {item["name"]: values} if section in TABLES else {"name": item["name"], **values}
        found = getattr(read_recipe({section: given}), section)
        assert (found[0] if section in TABLES else found) == FAMILIES[kind].members[item["name"]]()


GUESSES = {"architecture": "did you mean 'architectures'? ", "": "", "digits": ""}


@pytest.mark.parametrize(("kind", "guess"), GUESSES.items())
def test_an_unknown_kind_is_answered_with_the_nearest(kind, guess):
    with pytest.raises(BadInput) as caught:
        items(kind)
    assert str(caught.value) == (
        f"list takes the name of a catalogue, but got {kind!r}; {guess}known: "
        "activations, architectures, augmentations, data, initialisers, layers, losses, metrics, optimizers, "
        "sampling, schedules, splits, tricks"
    )


CONTRACT = (
    "random-crop random-scale horizontal-flip vertical-flip rotation color noise l1 l2 dropout batch-norm "
    "balanced-sampling weighted-sampling early-stopping label-smoothing mixup cutmix ema swa sam gradient-clipping "
    "pseudo-labels fixmatch mean-teacher"
)
"""Names that `luthier list tricks` promises, whichever room they live in."""
ISSUE = (
    "translation shear squeeze elastic grayscale inversion blur random-erasing randaugment trivialaugment weight-decay "
    "max-norm stochastic-depth confidence-penalty gradient-noise warm-up gradient-accumulation lookahead "
    "progressive-resizing layer-freezing gradual-unfreezing mixed-precision test-time-augmentation class-weights"
)


def test_every_tip_of_the_contract_is_listed_under_tricks():
    assert {*CONTRACT.split(), *ISSUE.split()} <= {item["name"] for item in items("tricks")}


def test_every_tip_says_where_a_recipe_has_it():
    """Its place can be set to the default that is listed, and is what its declaration says."""
    for item in items("tricks"):
        section, name = item["where"].split(".")
        if section in TABLES:
            assert name == item["name"] and name in TABLES[section].members
        elif section == "sampling":
            assert name in FAMILIES["sampling"].members
        else:
            (setting,) = item["hyperparameters"]
            model = {"model": "resnet20" if name == "stochastic_depth" else "mlp"} if section == "model" else {}
            recipe = read_recipe(with_value(model, item["where"], setting["default"]))
            assert getattr(getattr(recipe, section), name) == setting["default"]


def test_every_augmentation_and_trick_tells_its_cost_and_what_is_claimed():
    for item in items("tricks"):
        if item["where"].partition(".")[0] in TABLES:
            assert item["cost"] and item["claim"], item["name"]


def test_metrics_say_which_way_is_better_and_for_which_task():
    told = {item["name"]: (item["better"], item["tasks"]) for item in items("metrics")}
    ways = {"accuracy": "higher", "auroc": "higher", "ece": "lower", "log-loss": "lower", "loss": "lower",
            "macro-f1": "higher", "mae": "lower", "r2": "higher", "rmse": "lower", "top-5": "higher"}  # fmt: skip
    assert {name: better for name, (better, _) in told.items()} == ways
    assert [name for name, (_, tasks) in told.items() if "regression" in tasks] == ["loss", "mae", "r2", "rmse"]
    assert [name for name, (_, tasks) in told.items() if "classification" not in tasks] == ["mae", "r2", "rmse"]


def test_every_metric_may_decide():
    (monitor,) = [one for one in TrainingConfig.hyperparameters() if one.name == "monitor"]
    assert rule(monitor) == f"one of {', '.join(METRICS)}"
