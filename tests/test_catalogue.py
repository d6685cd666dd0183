"""The catalogue: every part of every table, with what its declaration says."""

import json

import pytest

from luthier.catalogue import FAMILIES, items
from luthier.core.errors import BadInput
from luthier.data import SOURCES
from luthier.recipe import FAMILIES as SECTIONS
from luthier.recipe import TABLES, read_recipe


@pytest.mark.parametrize("kind", [*FAMILIES, "data"])
def test_every_item_has_a_name_a_summary_and_a_source(kind):
    found = items(kind)
    assert [item["name"] for item in found] == sorted(SOURCES if kind == "data" else FAMILIES[kind].members)
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
            "search": {"low": 1, "high": 4, "log": False},
            "says": "hidden layers; 0 is softmax regression",
        },
        {
            "name": "width",
            "default": 128,
            "rule": "a whole number at least 1",
            "search": {"low": 16, "high": 1024, "log": True},
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
            "search": {"low": 0, "high": 0.7, "log": False},
            "says": "share of values dropped in training after each hidden layer; 0 drops none, near 1 nearly all",
        },
    ]


@pytest.mark.parametrize("kind", sorted(FAMILIES.keys() - INSIDE))
def test_every_default_is_legal_and_is_what_a_recipe_takes(kind):
    section = next(name for name, family in {**SECTIONS, **TABLES}.items() if family is FAMILIES[kind])
    for item in items(kind):
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
        "activations, architectures, augmentations, data, initialisers, layers, losses, optimizers, sampling, "
        "schedules, splits, tricks"
    )
