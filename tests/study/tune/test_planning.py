"""From options, recipe and data to the plan of a study."""

from dataclasses import replace

import pytest

from luthier.core.errors import BadInput
from luthier.data.split import split
from luthier.recipe.read import read_recipe
from luthier.study.tune.options import TuneOptions
from luthier.study.tune.planning import TRIALS, extend_plan, make_plan
from luthier.study.tune.space_reader import default_space
from luthier.study.tune.stages import AHEAD
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
