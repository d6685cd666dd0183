"""What a study costs: how it is split, told and kept to, and what is left of it."""

import pytest

from luthier.core.errors import BadInput
from luthier.data import DataArguments
from luthier.recipe.resolve import load_and_resolve
from luthier.study.tune.budget import (
    FINAL,
    FRESH,
    RACE,
    SEARCH,
    confirmation_seconds,
    deadline,
    describe_plan,
    epochs_by_stage,
    epochs_left,
    expected_epochs,
)
from luthier.study.tune.options import TuneOptions
from luthier.study.tune.planning import make_plan
from luthier.study.tune.trial import Outcome
from luthier.testing.material import rows

from .simulated import plan_of


def default(seconds):
    return Outcome({9: 0.5}, "finished", seconds, 700, 1, {})


def test_the_split_counts_epochs_of_each_stage():
    assert epochs_by_stage(plan_of(7, trials=11, top=4, race_seeds=3, fresh_seeds=5)) == {
        "search_epochs": 77, "race_epochs": 84, "fresh_epochs": 70, "final_epochs": 7
    }  # fmt: skip
    assert epochs_by_stage(plan_of(7, trials=None, minutes=1.0))["search_epochs"] is None


def test_no_more_race_than_there_are_trials():
    plan = plan_of(7, trials=3, top=5, race_seeds=2, fresh_seeds=0)
    assert epochs_by_stage(plan)["race_epochs"] == 3 * 2 * 7 and confirmation_seconds(plan, 10.0, 1) == 60
    assert any("the best 3 under 2 further seeds, 6 runs" in line for line in describe_plan(plan, 1))


def test_the_runs_after_the_search_are_done_by_all_workers_at_once():
    plan = plan_of(top=5, race_seeds=3, fresh_seeds=6)  # 15 runs, 12 runs, and the last one
    assert confirmation_seconds(plan, 10.0, 1) == 280
    assert confirmation_seconds(plan, 10.0, 4) == 10 * (4 + 3 + 1)
    assert confirmation_seconds(plan_of(race_seeds=0, fresh_seeds=0), 10.0, 4) == 0, (
        "the last run is trained beside the search"
    )


def test_where_trials_are_counted_time_sets_no_end():
    assert deadline(plan_of(), 2, 0.0) is None


def test_the_search_ends_so_early_that_the_rest_fits():
    plan = plan_of(trials=None, minutes=10.0, top=5, race_seeds=3, fresh_seeds=6)
    end = deadline(plan, 2, began=1000.0)(default(10.0))
    assert end == 1000 + 600 - 10 * (8 + 6 + 1) - 10


@pytest.mark.parametrize(("minutes", "fits"), [(2.83, False), (2.84, True)])
def test_a_budget_must_hold_the_default_another_trial_and_the_rest(minutes, fits):
    ask = deadline(plan_of(trials=None, minutes=minutes, top=5, race_seeds=3, fresh_seeds=6), 2, 0.0)
    if fits:
        assert ask(default(10.0)) >= 0
    else:
        words = r"a training takes 10 s, and those runs 150 s; give --minutes 3 or more"
        with pytest.raises(BadInput, match=words):
            ask(default(10.0))


def test_space_and_budget_are_told_before_the_start():
    space = {"model": {"width": {}, "dropout": {}}, "optimizer": {"name": {"choices": ["adamw", "sgd"]}}}
    lines = describe_plan(plan_of(20, space=space, minutes=30.0), 3)
    assert (
        "24 trials of up to 20 epochs" in lines[0] and "compared after 2, 6, 20" in lines[0] and "3 at once" in lines[0]
    )
    assert "  optimizer.name: adamw, sgd" in lines
    assert "  model.width: 16 to 1024 by orders of magnitude" in lines and "  model.dropout: 0 to 0.7" in lines
    assert lines[-1] == "all of it within 30 minutes"
    assert any("the best 5 under 3 further seeds, 15 runs" in line for line in lines)


def test_stages_that_are_left_out_are_not_told():
    without_race, without_fresh = describe_plan(plan_of(race_seeds=0), 1), describe_plan(plan_of(fresh_seeds=0), 1)
    assert not any(line.startswith("race:") for line in without_race)
    assert any(line.startswith("race:") for line in without_fresh)
    assert "no fresh comparison: the default will be kept" in without_fresh


DATA = rows(160)


def plan(epochs, **options):
    recipe = load_and_resolve(DataArguments(DATA), "mlp", None, {"epochs": epochs})[0]
    return make_plan(TuneOptions(**options), recipe, DATA, 1)


def test_the_stages_take_what_is_planned_of_them():
    found = expected_epochs(plan(7, trials=11, pruner="none", top=4, race_seeds=3, fresh_seeds=5), workers=2)
    assert found == {SEARCH: 77, RACE: 84, FRESH: 70, FINAL: 14}
    few = expected_epochs(plan(7, trials=3, pruner="none"), workers=1)
    assert few[RACE] == 3 * 3 * 7, "no more race than there are trials"
    assert expected_epochs(plan(7, minutes=2.0), workers=1)[SEARCH] == 0, "time ends the search"


def test_of_trials_that_are_compared_one_in_three_goes_on():
    """20 epochs are compared after 2 and 6: 13 go to 2, 4 of them to 6, 1 to the end, and the default there at once."""
    assert expected_epochs(plan(20, trials=14), workers=1)[SEARCH] == 20 + 13 * 2 + 4 * 4 + 1 * 14


def test_trials_of_hyperband_begin_at_different_rungs():
    """Of trials 1 to 8, those with 1, 4, 7 begin at 6, with 2, 5, 8 at 20, with 3 and 6 at 2."""
    assert (
        expected_epochs(plan(20, trials=9, pruner="hyperband"), workers=1)[SEARCH] == 20 + (3 * 6 + 14) + 3 * 20 + 2 * 2
    )


@pytest.mark.parametrize(
    ("stage", "done", "running", "expected"),
    [
        (SEARCH, 0, 5, 178),
        (SEARCH, 60, 5, 118),
        (SEARCH, 89, 5, 93),
        (RACE, 45, 0, 43),
        (FRESH, 3, 2, 40),
        (FINAL, 0, 7, 7),
    ],
)
def test_what_runs_is_left_at_least_and_so_are_later_stages(stage, done, running, expected):
    assert epochs_left(stage, {SEARCH: 90, RACE: 45, FRESH: 36, FINAL: 7}, done, running) == expected
