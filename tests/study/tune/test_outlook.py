"""How many epochs a study still has to train."""

import pytest

from luthier.data import DataArguments
from luthier.recipe.resolve import load_and_resolve
from luthier.study.tune.budget import FINAL, FRESH, RACE, SEARCH, epochs_left, expected_epochs
from luthier.study.tune.options import TuneOptions
from luthier.study.tune.planning import make_plan
from luthier.testing.material import rows

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
