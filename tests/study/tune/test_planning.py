"""From options, recipe and data to the plan of a study; learning rates around what the finder suggests."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from luthier.core.errors import BadInput
from luthier.data import DataArguments
from luthier.data.split import split
from luthier.recipe.read import read_recipe
from luthier.recipe.resolve import load_and_resolve
from luthier.study.tune import tune
from luthier.study.tune.learning_rate_finder import curve_of, find_learning_rate
from luthier.study.tune.options import TuneOptions
from luthier.study.tune.planning import (
    LEARNING_RATE,
    TRIALS,
    extend_plan,
    find_rates,
    make_plan,
    rate_space,
    rates_around,
)
from luthier.study.tune.space_reader import default_space
from luthier.study.tune.stages import AHEAD, Plan
from luthier.study.tune.trial_sampler import suggest_params
from luthier.testing.material import pictures, rows

RECIPE = read_recipe({"model": "mlp"})
DATA = pictures(203)


def test_what_is_not_asked_is_chosen():
    plan = make_plan(TuneOptions(), RECIPE, DATA, 1)
    parts = split(DATA, 0, RECIPE.split)
    assert (plan.trials, plan.minutes, plan.sampler, plan.pruner) == (TRIALS, None, "tpe", "asha")
    assert (plan.top, plan.race_seeds, plan.fresh_seeds, plan.threads) == (5, 3, 6, 1)
    assert plan.objectives == ("accuracy",) and plan.space == default_space(RECIPE, DATA, len(parts.train))
    assert plan.ratio == len(parts.validation) / len(parts.train)


def test_with_minutes_trials_are_as_many_as_time_allows():
    assert make_plan(TuneOptions(minutes=3.0), RECIPE, DATA, 1).trials is None
    both = make_plan(TuneOptions(minutes=3.0, trials=7), RECIPE, DATA, 1)
    assert (both.trials, both.minutes) == (7, 3.0)


def test_two_objectives_are_trained_to_the_end():
    plan = make_plan(TuneOptions(cost="flops"), RECIPE, DATA, 1)
    assert (plan.pruner, plan.objectives) == ("none", ("accuracy", "flops"))


def test_up_to_four_workers_have_one_plan_and_more_look_further_back():
    plans = [make_plan(TuneOptions(), RECIPE, DATA, count) for count in (1, 2, 3, 4)]
    assert plans == [plans[0]] * 4 and plans[0].ahead == AHEAD
    assert make_plan(TuneOptions(), RECIPE, DATA, 8).ahead == 16


def test_without_a_validation_part_there_is_nothing_to_compare_trials_on():
    with pytest.raises(BadInput, match=r"split\.validation leaves none"):
        make_plan(TuneOptions(), read_recipe({"model": "mlp", "split": {"validation": 0.0}}), DATA, 1)


def test_a_space_may_come_from_a_file(tmp_path):
    (tmp_path / "space.toml").write_text("[model.width]\nlow = 8\nhigh = 64\n")
    plan = make_plan(TuneOptions(space=str(tmp_path / "space.toml")), RECIPE, rows(53), 1)
    assert [(one.path, one.high) for one in plan.space.dimensions] == [("model.width", 64)]
    with pytest.raises(BadInput, match=r"^a search space must be a readable TOML file"):
        make_plan(TuneOptions(space=tmp_path / "none.toml"), RECIPE, DATA, 1)


def test_another_end_is_another_number_of_trials_or_minutes():
    plan = make_plan(TuneOptions(), RECIPE, DATA, 1)
    assert extend_plan(plan, TuneOptions()) == plan
    assert extend_plan(plan, TuneOptions(trials=40)) == replace(plan, trials=40)
    assert extend_plan(plan, TuneOptions(minutes=4.0)) == replace(plan, trials=None, minutes=4.0)


FINDER_DATA = rows(160)
CPU = torch.device("cpu")


def plan(**settings):
    recipe, _ = load_and_resolve(
        DataArguments(FINDER_DATA), "mlp", None, {"optimizer": "adamw", "epochs": 2, **settings}
    )
    return make_plan(TuneOptions(lr_only=True, race_seeds=0, fresh_seeds=0), recipe, FINDER_DATA, 1)


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
    found = find_rates(plan(), FINDER_DATA, CPU)
    curve = find_learning_rate(FINDER_DATA, recipe=found.recipe, device="cpu")
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
        find_rates(plan(), FINDER_DATA, CPU)


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
    first = tune(FINDER_DATA, out=tmp_path / "a", lr_only=True, fresh_seeds=0, minutes=9, quiet=True, **given)
    assert [one["how"] for one in first["trial_list"]] == ["default", *["finder"] * len(first["proposals"])]
    assert [one["params"] for one in first["trial_list"][1:]] == first["proposals"]
    kept = json.loads((tmp_path / "a" / "study.json").read_text())
    assert kept["finder"] == first["finder"] > 0
    before = (tmp_path / "a" / "trials.journal").read_bytes()
    again = tune(FINDER_DATA, out=tmp_path / "a", lr_only=True, fresh_seeds=0, minutes=9, quiet=True, **given)
    assert again["trial_list"] == first["trial_list"]
    assert b"asked" not in (tmp_path / "a" / "trials.journal").read_bytes()[len(before) :]
