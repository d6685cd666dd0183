"""What a user asks, and the plan that comes of it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from luthier.core.errors import BadInput
from luthier.data.split import split
from luthier.recipe.read import read_recipe
from luthier.study.tune.options import AHEAD, TRIALS, TuneOptions
from luthier.study.tune.space_reader import default_space
from luthier.testing.material import pictures, rows

RECIPE = read_recipe({"model": "mlp"})
DATA = pictures(203)


def test_what_is_not_asked_is_chosen():
    plan = TuneOptions().make_plan(RECIPE, DATA)
    parts = split(DATA, 0, RECIPE.split)
    assert (plan.trials, plan.minutes, plan.sampler, plan.pruner) == (TRIALS, None, "tpe", "asha")
    assert (plan.top, plan.race_seeds, plan.fresh_seeds, plan.threads) == (5, 3, 6, 1)
    assert plan.objectives == ("accuracy",) and plan.space == default_space(RECIPE, DATA, len(parts.train))
    assert plan.ratio == len(parts.validation) / len(parts.train)


def test_with_minutes_trials_are_as_many_as_time_allows():
    assert TuneOptions(minutes=3.0).make_plan(RECIPE, DATA).trials is None
    both = TuneOptions(minutes=3.0, trials=7).make_plan(RECIPE, DATA)
    assert (both.trials, both.minutes) == (7, 3.0)


def test_two_objectives_are_trained_to_the_end():
    plan = TuneOptions(cost="flops").make_plan(RECIPE, DATA)
    assert (plan.pruner, plan.objectives) == ("none", ("accuracy", "flops"))


def test_up_to_four_workers_have_one_plan_and_more_look_further_back():
    plans = [TuneOptions(workers=count).make_plan(RECIPE, DATA) for count in (1, 2, 3, 4)]
    assert plans == [plans[0]] * 4 and plans[0].ahead == AHEAD
    assert TuneOptions(workers=8).make_plan(RECIPE, DATA).ahead == 16


def test_workers_have_a_core_for_each_of_their_threads(monkeypatch):
    monkeypatch.setattr("luthier.study.tune.options.processors", lambda: 7)
    assert [TuneOptions(threads=count).worker_count for count in (1, 2, 3, 9)] == [7, 3, 2, 1]
    assert TuneOptions(workers=5).worker_count == 5


def test_everything_that_is_wrong_is_said_at_once():
    with pytest.raises(BadInput) as caught:
        TuneOptions(trials=1, workers=0, threads=0, top=0, race_seeds=-1, minutes=-1.0, sampler="a", pruner="b").check()
    assert len(caught.value.problems) == 8


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"trials": "3"}, "--trials must be a whole number, but got '3'; "),
        ({"trials": 2.5}, "--trials must be a whole number, but got 2.5; "),
        ({"trials": True}, "--trials must be a whole number, but got True; "),
        ({"workers": 1.5}, "--workers must be a whole number, but got 1.5; "),
        ({"threads": None}, "--threads must be a whole number, but got None; "),
        ({"fresh_seeds": [2]}, "--fresh-seeds must be a whole number, but got [2]; "),
        ({"minutes": "1"}, "--minutes must be a number above 0, but got '1'; "),
        ({"minutes": float("nan")}, "--minutes must be a number above 0, but got nan; "),
        ({"sampler": 3}, "--sampler must be one that exists, but got 3; "),
        ({"cost": ["flops"]}, "--cost must be one that exists, but got ['flops']; "),
        ({"space": 5}, "--space must be a file or a mapping, but got 5; "),
        ({"space": [1]}, "--space must be a file or a mapping, but got [1]; "),
        ({"lr_only": "yes"}, "--lr-only must be True or False, but got 'yes'; "),
    ],
)
def test_values_of_other_types_are_refused(settings, words):
    with pytest.raises(BadInput) as caught:
        TuneOptions(**settings).check()
    assert [one[: len(words)] for one in caught.value.problems] == [words]


def test_numbers_of_numpy_are_numbers():
    options = TuneOptions(trials=np.int64(7), minutes=np.float32(1.5), workers=np.uint8(2), lr_only=np.bool_(False))
    options.check()
    assert json.dumps(options.make_plan(RECIPE, DATA).dump()) and options == TuneOptions(
        trials=7, minutes=1.5, workers=2
    )


def test_without_a_validation_part_there_is_nothing_to_compare_trials_on():
    with pytest.raises(BadInput, match=r"split\.validation leaves none"):
        TuneOptions().make_plan(read_recipe({"model": "mlp", "split": {"validation": 0.0}}), DATA)


def test_a_space_may_come_from_a_file(tmp_path):
    (tmp_path / "space.toml").write_text("[model.width]\nlow = 8\nhigh = 64\n")
    plan = TuneOptions(space=str(tmp_path / "space.toml")).make_plan(RECIPE, rows(53))
    assert [(one.path, one.high) for one in plan.space.dimensions] == [("model.width", 64)]
    with pytest.raises(BadInput, match=r"^a search space must be a readable TOML file"):
        TuneOptions(space=tmp_path / "none.toml").make_plan(RECIPE, DATA)


def test_another_end_is_another_number_of_trials_or_minutes():
    plan = TuneOptions().make_plan(RECIPE, DATA)
    assert TuneOptions().extend_plan(plan) == plan
    assert TuneOptions(trials=40).extend_plan(plan) == replace(plan, trials=40)
    assert TuneOptions(minutes=4.0).extend_plan(plan) == replace(plan, trials=None, minutes=4.0)
