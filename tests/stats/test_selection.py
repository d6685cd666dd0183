"""Who is chosen: the best few of a search, the winner of a race."""

import math
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from luthier.core.errors import BadInput
from luthier.stats import best_first, expected_best, judge, race_winner, worst_for_diverged

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


@pytest.mark.parametrize(("higher", "worst"), [(True, 0.3), (False, 0.8)])
def test_it_is_the_worst_finite_score(higher, worst):
    found = worst_for_diverged([math.inf, 0.8, math.nan, 0.3, -math.inf], higher)
    assert found == [worst, 0.8, worst, 0.3, worst]


def test_scores_of_runs_that_held_stay():
    assert worst_for_diverged([0.3, 0.1, 0.2]) == [0.3, 0.1, 0.2]


SCORES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9)


def over_all_subsets(scores, higher):
    """The definition, in exact fractions: the mean of the best over all subsets of each size."""
    best = max if higher else min
    exact = [Fraction(score) for score in scores]
    means = []
    for n in range(1, len(scores) + 1):
        subsets = list(combinations(exact, n))
        means.append(float(sum(best(subset) for subset in subsets) / len(subsets)))
    return means


@given(SCORES, st.booleans())
def test_it_is_the_mean_over_all_subsets(scores, higher):
    precise = {"rel": 1e-12, "abs": 1e-12 * max(map(abs, scores))}
    assert expected_best(scores, higher) == pytest.approx(over_all_subsets(scores, higher), **precise)


def test_the_mean_over_subsets_drawn_with_replacement_is_another():
    """The estimate that was published first: with the curve of each, this test could tell them apart."""
    scores = [0.5, 0.8, 0.6]
    with_replacement = sum(max(a, b) for a in scores for b in scores) / 9
    assert expected_best(scores)[1] - with_replacement > 0.03


def test_it_is_unbiased_for_the_best_of_further_trials():
    rng = np.random.default_rng(5)
    curves = np.array([expected_best(rng.normal(size=8).tolist()) for _ in range(4000)])
    fresh = rng.normal(size=(40_000, 3)).max(1)
    error = math.hypot(curves[:, 2].std() / math.sqrt(4000), fresh.std() / math.sqrt(40_000))
    assert abs(curves[:, 2].mean() - fresh.mean()) < 3 * error


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(("higher", "worst"), [(True, 0.2), (False, 0.9)])
def test_a_diverged_trial_counts_as_the_worst_finite_one(bad, higher, worst):
    assert expected_best([0.9, bad, 0.2, 0.6], higher) == expected_best([0.9, worst, 0.2, 0.6], higher)


@pytest.mark.parametrize("m", [1, 700])
def test_it_ends_at_the_best_and_never_turns_back(m):
    scores = np.random.default_rng(1).random(m).tolist()
    curve = expected_best(scores)
    assert curve[0] == pytest.approx(np.mean(scores), rel=1e-12) and curve[-1] == max(scores)
    assert len(curve) == m and all(np.diff(curve) > -1e-15)


@pytest.mark.parametrize("scores", [[], [math.nan, math.inf]])
def test_trials_that_all_diverged_have_no_best(scores):
    with pytest.raises(BadInput) as caught:
        expected_best(scores)
    assert str(caught.value) == f"at least one score must be finite, but got {scores}; lower the learning rate"


DEFAULT = [0.90, 0.91, 0.92, 0.89, 0.93, 0.91]


PAIRS = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=9)


def moved(gains):
    return [first + gain for first, gain in zip(DEFAULT, gains, strict=True)]


@given(PAIRS)
def test_the_gain_is_that_of_a_paired_t_test(pairs):
    default, winner = (list(one) for one in zip(*pairs, strict=True))
    found = judge(default, winner).gain
    differences = np.subtract(winner, default)
    half = stats.t.ppf(0.975, len(pairs) - 1) * differences.std(ddof=1) / math.sqrt(len(pairs))
    assert found.estimate == pytest.approx(differences.mean(), abs=1e-12)
    assert found.low == pytest.approx(max(differences.mean() - half, -1), abs=1e-12)
    assert found.high == pytest.approx(min(differences.mean() + half, 1), abs=1e-12)
    assert found.n == len(pairs)


@given(PAIRS, st.floats(0, 2))
def test_the_direction_only_turns_the_scores(pairs, ratio):
    default, winner = (list(one) for one in zip(*pairs, strict=True))
    losses = [[-score for score in one] for one in (default, winner)]
    for share in (True, False):
        assert judge(default, winner, True, share, ratio) == judge(*losses, False, share, ratio)


def test_parts_dealt_anew_from_one_data_set_widen_it():
    gains = [0.01, 0.03, 0.02, 0.00, 0.01, 0.04]
    plain, widened = (judge(DEFAULT, moved(gains), ratio=ratio).gain for ratio in (0.0, 1 / 9))
    factor = math.sqrt(1 + 6 / 9)
    assert widened.high - widened.estimate == pytest.approx(factor * (plain.high - plain.estimate))


DELTA = np.std(DEFAULT, ddof=1) / 2  # 0.0071


@pytest.mark.parametrize(
    ("gains", "verdict", "ships"),
    [
        ([0.02, 0.03, 0.02, 0.03, 0.02, 0.03], "beats the default", True),
        ([0.00, 0.01, 0.00, 0.01, -0.005, 0.005], "not worse than the default by more than delta", True),
        ([0.00, -0.01, 0.00, -0.005, 0.005, 0.005], "not worse than the default by more than delta", False),
        ([-0.02, -0.03, -0.02, -0.03, -0.02, -0.03], "worse than the default", False),
        ([-0.09, 0.07, -0.05, 0.06, -0.03, 0.05], "not resolved", False),
        ([0.09, -0.06, 0.05, -0.04, 0.05, -0.03], "not resolved", False),
    ],
)
def test_the_words_follow_from_interval_and_delta(gains, verdict, ships):
    found = judge(DEFAULT, moved(gains))
    assert (found.verdict, found.ships, found.diverged) == (verdict, ships, 0)
    assert found.delta == pytest.approx(DELTA)
    assert (found.further_pairs is not None) == (verdict == "not resolved")


def test_no_difference_at_all_keeps_the_default():
    found = judge(DEFAULT, DEFAULT)
    assert (found.verdict, found.ships) == ("not worse than the default by more than delta", False)


def test_a_tenth_of_a_point_is_the_least_delta_of_a_share():
    assert judge([0.9, 0.9, 0.9], [0.95, 0.9, 0.9]).delta == 0.001
    assert judge([0.9, 0.9, 0.9], [0.95, 0.9, 0.9], share=False).delta == 0.0
    assert judge([1.0, 1.2, 1.4], [1.0, 1.2, 1.4], share=False).delta == pytest.approx(0.1)


def test_only_a_share_has_a_largest_difference():
    default, winner = [0.0, 0.0, 0.1], [0.9, 1.0, 0.8]
    assert judge(default, winner).gain.high == 1.0
    assert judge(default, winner, share=False).gain.high > 1.0


@pytest.mark.parametrize("gains", [[0.09, -0.06, 0.05, -0.04, 0.05, -0.03], [-0.09, 0.05, -0.08, 0.04, -0.06, 0.05]])
@pytest.mark.parametrize("ratio", [0.0, 0.01])
def test_so_many_further_pairs_would_resolve_it(gains, ratio):
    """With pairs of the same mean and deviation: that many resolve it, and one fewer do not."""
    first = judge(DEFAULT, moved(gains), ratio=ratio)
    mean, deviation = np.mean(gains), np.std(gains, ddof=1)

    def resolved(n):
        half = stats.t.ppf(0.975, n - 1) * deviation * math.sqrt(1 / n + ratio)
        return mean - half > -first.delta or mean + half < 0

    assert first.verdict == "not resolved" and first.further_pairs > 1
    assert resolved(6 + first.further_pairs) and not resolved(5 + first.further_pairs)


def test_where_no_number_of_pairs_would_resolve_it_none_is_named():
    """The widening stays however many deals of one data set are made."""
    gains = [0.03, -0.03, 0.02, -0.02, 0.03, -0.02]
    assert judge(DEFAULT, moved(gains), ratio=1.0).further_pairs is None


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_diverged_run_counts_as_the_worst_of_both_and_is_counted(bad):
    found = judge([0.90, bad, 0.92], [0.95, 0.96, 0.94])
    expected = judge([0.90, 0.90, 0.92], [0.95, 0.96, 0.94])
    assert (found.gain, found.diverged) == (expected.gain, 1)
    assert found.delta == pytest.approx(np.std([0.90, 0.92], ddof=1) / 2)  # a made-up score is no run's deviation
    losses = judge([2.0, 3.0, 2.5], [bad, 1.0, bad], higher=False, share=False)
    assert (losses.gain.estimate, losses.diverged) == (pytest.approx((-1 + 2 - 0.5) / 3), 2)


def test_a_default_that_held_once_has_no_deviation():
    assert judge([0.90, math.nan, math.nan], [0.95, 0.96, 0.94]).delta == 0.001


def test_scores_that_do_not_pair_are_refused():
    with pytest.raises(BadInput) as caught:
        judge([0.9, 0.8], [0.9, 0.8, 0.7])
    assert str(caught.value) == (
        "the default and the winner must have as many scores, but got 2 and 3; run both on the same seeds"
    )


@pytest.mark.parametrize(("scores", "message"), [([0.9], "at least 2 runs"), ([math.nan] * 2, "must be finite")])
def test_too_little_to_judge_by_is_refused(scores, message):
    with pytest.raises(BadInput, match=message):
        judge(scores, scores)
