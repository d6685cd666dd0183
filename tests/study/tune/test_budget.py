"""What a study costs: how it is split, told and kept to."""

import pytest

from luthier.core.errors import BadInput
from luthier.study.tune.budget import confirmation_seconds, deadline, describe_plan, epochs_by_stage
from luthier.study.tune.trial import Outcome

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
