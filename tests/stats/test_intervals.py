"""Intervals against independent ways to the same numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from luthier.core.errors import BadInput
from luthier.stats import Interval, mean_interval, resampled_interval, share_interval

Z = 1.959963984540054


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=13), st.floats(0.01, 0.999))
def test_the_mean_interval_is_students(values, confidence):
    interval = mean_interval(values, confidence)
    mean, error = np.mean(values), np.std(values, ddof=1) / math.sqrt(len(values))
    half = stats.t.ppf(0.5 + confidence / 2, len(values) - 1) * error
    precise = {"rel": 1e-9, "abs": 1e-9 * max(map(abs, values))}
    assert interval.estimate == pytest.approx(mean, **precise)
    assert interval.low == pytest.approx(mean - half, **precise)
    assert interval.high == pytest.approx(mean + half, **precise)
    assert interval.n == len(values)


def test_the_default_confidence_is_95_percent():
    values = [0.71, 0.74, 0.69, 0.78, 0.70]
    assert mean_interval(values) == mean_interval(values, 0.95)
    low, high = stats.t.interval(0.95, 4, loc=np.mean(values), scale=stats.sem(values))
    assert (mean_interval(values).low, mean_interval(values).high) == pytest.approx((low, high), rel=1e-12)


def test_runs_that_agree_have_an_interval_without_width():
    assert mean_interval([0.1] * 7) == Interval(0.1, 0.1, 0.1, 7)


def test_a_large_offset_does_not_eat_the_spread():
    offset = 1e9
    plain, moved = mean_interval([1.0, 2.0, 4.0]), mean_interval([offset + 1, offset + 2, offset + 4])
    assert moved.high - moved.low == pytest.approx(plain.high - plain.low, rel=1e-6)


@pytest.mark.parametrize("values", [[], [0.5]], ids=["none", "one"])
def test_fewer_than_two_runs_have_no_interval(values):
    with pytest.raises(BadInput) as caught:
        mean_interval(values)
    assert str(caught.value) == f"an interval needs at least 2 runs, but got {len(values)}; ask for more seeds"


def wilson(hits, n, z):
    """Both shares p at which the observed one lies z standard errors away, by root finding."""
    share = hits / n

    def distance(p):
        return (share - p) ** 2 - z * z * p * (1 - p) / n

    inside = min(max(share, 1e-7), 1 - 1e-7)  # shares of 0 and 1 are roots themselves
    low = 0.0 if hits == 0 else optimize.brentq(distance, 0, inside, xtol=1e-14)
    high = 1.0 if hits == n else optimize.brentq(distance, inside, 1, xtol=1e-14)
    return low, high


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 4))
def test_the_share_interval_solves_wilsons_equation(counts, z):
    hits, n = counts
    interval = share_interval(hits, n, z)
    low, high = wilson(hits, n, z)
    assert interval.estimate == hits / n
    assert interval.n == n
    assert interval.low == pytest.approx(low, abs=1e-9)
    assert interval.high == pytest.approx(high, abs=1e-9)


@given(st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.sampled_from([0, 1, n - 1, n]), st.just(n))))
def test_the_share_interval_holds_its_estimate_and_stays_inside(counts):
    interval = share_interval(*counts)
    assert 0 <= interval.low <= interval.estimate <= interval.high <= 1


def test_the_default_is_95_percent():
    assert share_interval(97, 110) == share_interval(97, 110, Z)
    assert stats.norm.cdf(Z) - stats.norm.cdf(-Z) == pytest.approx(0.95, abs=1e-15)


def test_published_value():
    """Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I: 81 of 263."""
    interval = share_interval(81, 263)
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.2553, 0.3662)


def test_an_interval_shrinks_with_the_root_of_n():
    few, many = share_interval(50, 100), share_interval(5000, 10_000)
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(10, rel=0.03)
    assert math.isclose(few.low + few.high, 1)


@pytest.mark.parametrize(("hits", "n"), [(0, 0), (-1, 5), (6, 5), (0, -3)])
def test_counts_that_make_no_share_are_refused(hits, n):
    with pytest.raises(BadInput) as caught:
        share_interval(hits, n)
    assert str(caught.value) == (
        f"a share needs 0 <= hits <= n and n > 0, but got hits={hits}, n={n}; pass counts of examples"
    )


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0])
def test_a_confidence_is_a_share(confidence):
    with pytest.raises(BadInput) as caught:
        mean_interval([1.0, 2.0], confidence)
    assert str(caught.value) == f"confidence must lie between 0 and 1, but got {confidence}; the usual one is 0.95"


def test_the_mean_of_shares_stays_among_shares():
    assert mean_interval([0.9, 0.98]).high > 1
    inside = mean_interval([0.9, 0.98], within=(0, 1))
    assert (inside.high, inside.low) == (1, mean_interval([0.9, 0.98]).low)
    assert mean_interval([0.0, 0.1], within=(0, 1)).low == 0


def test_draws_from_one_data_set_have_the_corrected_interval():
    """The formula by hand: t of 0.975 at 4 degrees of freedom is 2.7764; deviation sqrt(0.025)."""
    found = resampled_interval([1.0, 1.1, 1.2, 1.3, 1.4], 1 / 4)
    half = 2.7764451 * math.sqrt((1 / 5 + 1 / 4) * 0.025)
    assert (found.low, found.high) == (pytest.approx(1.2 - half), pytest.approx(1.2 + half))
    assert resampled_interval([0.5, 0.7], 0.0) == mean_interval([0.5, 0.7])
    assert resampled_interval([0.9, 1.0], 1.0, within=(0, 1)).high == 1


def test_the_interval_of_overlapping_draws_covers_where_the_plain_one_does_not():
    """Ten random draws of 50 test values from 100, of which the rest is trained on: the mean is the prediction."""
    rng = np.random.default_rng(0)
    covered = np.zeros(2)
    for _ in range(600):
        values = rng.normal(size=100)
        errors = []
        for _ in range(10):
            order = rng.permutation(100)
            errors.append(float(((values[order[:50]] - values[order[50:]].mean()) ** 2).mean()))
        truth = 1 + 1 / 50
        for number, one in enumerate((mean_interval(errors), resampled_interval(errors, 1.0))):
            covered[number] += one.low <= truth <= one.high
    assert covered[0] / 600 < 0.75 and covered[1] / 600 > 0.9


@pytest.mark.parametrize("ratio", [-0.1, float("nan"), float("inf")])
def test_a_ratio_is_a_number_at_least_0(ratio):
    with pytest.raises(BadInput) as caught:
        resampled_interval([1.0, 2.0], ratio)
    assert str(caught.value) == (f"ratio must be a number at least 0, but got {ratio}; with K folds it is 1 / (K - 1)")
