"""Learning rates around what the finder suggests: which are tried, when, and where there are none."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from luthier.core.errors import BadInput
from luthier.data import DataArguments
from luthier.recipe.read import read_recipe
from luthier.recipe.resolve import load_and_resolve
from luthier.study.tune import tune
from luthier.study.tune.learning_rate_finder import curve_of, find_learning_rate
from luthier.study.tune.options import TuneOptions
from luthier.study.tune.planning import LEARNING_RATE, find_rates, make_plan, rate_space, rates_around
from luthier.study.tune.stages import Plan
from luthier.study.tune.trial_sampler import suggest_params
from luthier.testing.material import rows

DATA = rows(160)
CPU = torch.device("cpu")


def plan(**settings):
    recipe, _ = load_and_resolve(DataArguments(DATA), "mlp", None, {"optimizer": "adamw", "epochs": 2, **settings})
    return make_plan(TuneOptions(lr_only=True, race_seeds=0, fresh_seeds=0), recipe, DATA, 1)


@pytest.mark.parametrize(
    ("suggestion", "expected"),
    [
        (0.0300000001, [0.01, 0.03, 0.09]),
        (0.0512345, [0.0171, 0.0512, 0.1]),
        (0.00012, [0.0001, 0.00012, 0.00036]),
        (7.7, [0.1]),
        (1e-7, [0.0001]),
    ],
)
def test_a_third_the_rate_and_three_times_it_within_the_declared_range(suggestion, expected):
    assert rates_around(suggestion, rate_space(read_recipe({"optimizer": "adamw"}))) == expected


def test_the_trials_are_the_default_and_the_finders_rates():
    found = find_rates(plan(), DATA, CPU)
    curve = find_learning_rate(DATA, recipe=found.recipe, device="cpu")
    assert found.finder == curve.suggestion
    rates = rates_around(curve.suggestion, found.space)
    assert len(rates) > 1 and [one[LEARNING_RATE] for one in found.proposals] == rates
    assert (found.trials, found.pruner, found.top) == (1 + len(rates), "none", 1 + len(rates))
    given = [suggest_params(found, number, [], 0) for number in range(found.trials + 1)]
    assert given[0] == ({LEARNING_RATE: found.recipe.optimizer.learning_rate}, "default")
    assert given[1:-1] == [({LEARNING_RATE: rate}, "finder") for rate in rates]
    assert given[-1][1] == "quasi-random", "a study that is lengthened goes on"


def test_a_plan_with_proposals_is_read_back_as_it_was_written():
    found = replace(plan(), finder=0.02, proposals=({LEARNING_RATE: 0.0067}, {LEARNING_RATE: 0.02}))
    assert Plan.of(json.loads(json.dumps(found.dump()))) == found


def test_without_a_suggestion_it_says_where_to_look(monkeypatch):
    rates = np.geomspace(1e-6, 10, 41)
    flat = curve_of(rates, np.linspace(1, 2, 41))
    assert flat.suggestion is None
    monkeypatch.setattr("luthier.study.tune.planning.rate_curve", lambda prepared: flat)
    with pytest.raises(
        BadInput, match="the loss never falls between 1e-06 and 10; look at the curve with luthier find-lr"
    ):
        find_rates(plan(), DATA, CPU)


def test_what_a_search_is_asked_is_refused_all_at_once():
    options = TuneOptions(lr_only=True, space={"model": {}}, trials=9, sampler="gp", pruner="asha", cost="flops")
    with pytest.raises(BadInput) as caught:
        options.check()
    own = [one for one in caught.value.problems if one.startswith("--lr-only tries nothing but")]
    assert [one.split("but got ")[1].split(" ")[0] for one in own] == [
        "--space", "--trials", "--sampler", "--pruner", "--cost",
    ]  # fmt: skip
    TuneOptions(lr_only=True, minutes=2.0, threads=1).check()


def test_a_study_tries_them_keeps_the_suggestion_and_goes_on_without_training_again(tmp_path):
    given = {
        "recipe": {"model": {"name": "mlp", "width": 16}},
        "epochs": 1,
        "workers": 1,
        "race_seeds": 0,
        "device": "cpu",
    }
    first = tune(DATA, out=tmp_path / "a", lr_only=True, fresh_seeds=0, minutes=9, quiet=True, **given)
    assert [one["how"] for one in first["trial_list"]] == ["default", *["finder"] * len(first["proposals"])]
    assert [one["params"] for one in first["trial_list"][1:]] == first["proposals"]
    kept = json.loads((tmp_path / "a" / "study.json").read_text())
    assert kept["finder"] == first["finder"] > 0
    before = (tmp_path / "a" / "trials.journal").read_bytes()
    again = tune(DATA, out=tmp_path / "a", lr_only=True, fresh_seeds=0, minutes=9, quiet=True, **given)
    assert again["trial_list"] == first["trial_list"]
    assert b"asked" not in (tmp_path / "a" / "trials.journal").read_bytes()[len(before) :]
