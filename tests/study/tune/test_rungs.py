"""At which epochs trials are compared, and how many go on."""

from itertools import pairwise

import pytest

from luthier.study.tune.stages import ETA, PRUNERS, list_rungs, promote


@pytest.mark.parametrize(
    ("epochs", "rungs"),
    [
        (1, (1,)),
        (2, (2,)),
        (3, (1, 3)),
        (5, (1, 5)),
        (8, (2, 8)),
        (9, (1, 3, 9)),
        (20, (2, 6, 20)),
        (100, (11, 33, 100)),
    ],
)
def test_the_first_comparison_comes_after_a_ninth_of_a_training_or_one_epoch(epochs, rungs):
    assert list_rungs(epochs) == rungs


@pytest.mark.parametrize("epochs", range(1, 120))
def test_rungs_rise_to_the_end_by_about_three(epochs):
    rungs = list_rungs(epochs)
    assert rungs[-1] == epochs and rungs[0] >= max(1, epochs // 9)
    assert all(ETA <= following / rung < 2 * ETA for rung, following in pairwise(rungs))


def test_of_two_nobody_goes_on_and_of_three_one():
    assert promote([]) == promote([(0.1, 0), (0.9, 1)]) == []
    assert promote([(0.1, 7), (0.9, 8), (0.5, 9)]) == [8]
    assert promote([(one / 10, one) for one in range(11)]) == [10, 9, 8]


def test_of_equal_scores_the_lower_number_goes_on():
    assert promote([(0.5, 4), (0.5, 2), (0.5, 3)]) == [2]


def test_hyperband_lets_trials_take_turns_and_none_trains_to_the_end():
    assert [PRUNERS["asha"](number, 20) for number in range(2)] == [(2, 6, 20)] * 2
    assert [PRUNERS["hyperband"](number, 20) for number in range(4)] == [(2, 6, 20), (6, 20), (20,), (2, 6, 20)]
    assert PRUNERS["none"](5, 20) == (20,)
