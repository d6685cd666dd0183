"""Who is chosen: the best few of a search, the winner of a race."""

import math

import pytest

from luthier.core.errors import BadInput
from luthier.stats import best_first, race_winner

BAD = [math.nan, math.inf, -math.inf]


@pytest.mark.parametrize(("higher", "expected"), [(True, [4, 1, 3]), (False, [0, 2, 3])])
def test_the_best_come_first(higher, expected):
    assert best_first([0.1, 0.8, 0.2, 0.5, 0.9], 3, higher) == expected


@pytest.mark.parametrize("higher", [True, False])
def test_of_equal_trials_the_earlier_is_first(higher):
    assert best_first([0.5, 0.7, 0.5, 0.7, 0.5], 5, higher) == ([1, 3, 0, 2, 4] if higher else [0, 2, 4, 1, 3])


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("higher", [True, False])
def test_a_diverged_trial_is_never_chosen(bad, higher):
    assert sorted(best_first([0.5, bad, 0.7], 3, higher)) == [0, 2]
    assert best_first([bad], 1, higher) == []


@pytest.mark.parametrize("most", [0, -1])
def test_none_at_all_is_refused(most):
    with pytest.raises(BadInput) as caught:
        best_first([0.5], most)
    assert str(caught.value) == f"at least 1 trial must be chosen, but got {most}; five is usual"


@pytest.mark.parametrize(("higher", "winner"), [(True, 2), (False, 1)])
def test_the_mean_over_seeds_wins(higher, winner):
    assert race_winner([[0.5, 0.9, 0.5], [0.6, 0.5, 0.6], [0.7, 0.6, 0.8]], higher) == winner


@pytest.mark.parametrize("higher", [True, False])
def test_of_equal_configurations_the_earlier_wins(higher):
    assert race_winner([[0.1, 0.2], [0.2, 0.1]], higher) == 0
    assert race_winner([[0.1, 0.2, 0.3], [0.3, 0.1, 0.2]], higher) == 0  # their plain sums differ in the last digit


@pytest.mark.parametrize("bad", BAD)
def test_a_diverged_run_counts_as_the_worst_of_the_race(bad):
    """0.9 and the worst, 0.5, make 0.70: more than 0.68, less than 0.72."""
    assert race_winner([[0.5, 0.6], [0.9, bad], [0.68, 0.68]]) == 1
    assert race_winner([[0.5, 0.6], [0.9, bad], [0.72, 0.72]]) == 2
    assert race_winner([[0.5, 0.6], [0.1, bad], [0.36, 0.36]], higher=False) == 1  # 0.1 and 0.6 make 0.35
    assert race_winner([[0.5, 0.6], [0.1, bad], [0.34, 0.34]], higher=False) == 2


@pytest.mark.parametrize(("scores", "sizes"), [([], "[]"), ([[], []], "[0, 0]"), ([[0.5], [0.5, 0.6]], "[1, 2]")])
def test_a_race_is_run_on_the_same_seeds(scores, sizes):
    with pytest.raises(BadInput) as caught:
        race_winner(scores)
    assert str(caught.value) == (
        f"a race needs as many scores for each configuration, but got {sizes}; run all on all seeds"
    )


def test_a_race_in_which_all_diverged_has_no_winner():
    with pytest.raises(BadInput, match="at least one score must be finite"):
        race_winner([[math.nan, math.inf], [math.nan, math.nan]])
