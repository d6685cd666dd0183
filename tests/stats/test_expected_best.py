"""The best of fewer trials: against the mean over every subset."""

import math
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luthier.core.errors import BadInput
from luthier.stats import expected_best

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
