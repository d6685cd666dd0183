"""Intervals against independent ways to the same numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats
from scipy.stats import bootstrap

from luthier.core.errors import BadInput
from luthier.stats import (
    Interval,
    bootstrap_interval,
    crossed_interval,
    mean_interval,
    resampled_interval,
    share_interval,
)
from luthier.stats.intervals import CHUNK, DRAWS

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


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def root(means):
    return np.sqrt(means[:, 0])


def test_it_is_that_of_scipy_but_for_the_draws(rng):
    squares = rng.normal(size=(300, 1)) ** 2
    found = bootstrap_interval(squares, root)
    other = bootstrap(
        (squares[:, 0],), lambda one, axis: np.sqrt(one.mean(axis)), method="percentile", rng=rng
    ).confidence_interval
    assert found.estimate == pytest.approx(np.sqrt(squares.mean())) and found.n == 300
    assert found.low == pytest.approx(other.low, abs=0.01) and found.high == pytest.approx(other.high, abs=0.01)


def test_it_holds_the_truth_about_as_often_as_it_says_of_bootstrap(rng):
    """95% within 3 Monte Carlo errors of the 94% that the percentile bootstrap reaches at n = 100 on squared errors."""
    hits = 0
    for _ in range(300):
        found = bootstrap_interval(rng.normal(size=(100, 1)) ** 2, root)
        hits += found.low <= 1 <= found.high
    assert 0.89 <= hits / 300 <= 0.98


def test_equal_examples_give_equal_intervals_in_any_number_of_chunks(rng, monkeypatch):
    columns = rng.normal(size=(50, 2))
    once = bootstrap_interval(columns, lambda means: means.sum(1))
    assert once == bootstrap_interval(columns.copy(), lambda means: means.sum(1))
    monkeypatch.setattr("luthier.stats.intervals.CHUNK", 50 * 7)
    again = bootstrap_interval(columns, lambda means: means.sum(1))
    assert CHUNK // 50 > DRAWS and (again.low, again.high) == pytest.approx((once.low, once.high), rel=1e-12)


@pytest.mark.parametrize(("n", "given"), [(19, False), (20, True)])
def test_too_few_examples_have_none(n, given):
    assert (bootstrap_interval(np.arange(float(n))[:, None], root) is not None) == given


def test_more_confidence_is_wider(rng):
    columns = rng.normal(size=(50, 1)) ** 2
    narrow, wide = (bootstrap_interval(columns, root, confidence) for confidence in (0.5, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_kinds_of_examples_are_drawn_like_examples(rng):
    kinds, times = np.array([[1.0, 0.0], [0.5, 2.0], [3.0, 1.0]]), np.array([40, 25, 35])
    each = bootstrap_interval(np.repeat(kinds, times, axis=0), lambda means: means.sum(1))
    at_once = bootstrap_interval(kinds, lambda means: means.sum(1), times=times)
    assert (at_once.estimate, at_once.n) == (pytest.approx(each.estimate), 100)
    assert (at_once.low, at_once.high) == pytest.approx((each.low, each.high), abs=0.06)


def differences(rng, seeds, examples, noise=(0.05, 0.5, 1.0)):
    """Two recipes that are equal in the population, with noise of seeds, of examples and of both together."""
    of_seeds, of_examples, rest = noise
    return (of_seeds * rng.normal(size=(seeds, 1)) + of_examples * rng.normal(size=(1, examples))
            + rest * rng.normal(size=(seeds, examples)))  # fmt: skip


@pytest.mark.parametrize("seeds", [3, 5, 20])
@pytest.mark.parametrize("noise", [(0.05, 0.5, 1.0), (0.3, 0.1, 1.0), (0.0, 1.0, 0.3)])
def test_it_holds_the_truth_about_as_often_as_it_says_of_crossed(seeds, noise):
    rng = np.random.default_rng(7)
    found = [crossed_interval(differences(rng, seeds, 200, noise)) for _ in range(1500)]
    covered = np.mean([one.low <= 0 <= one.high for one, _ in found])
    assert 0.925 <= covered <= 0.975  # 95% and 3 Monte Carlo errors, and what Satterthwaite lacks with few seeds
    assert np.mean([p < 0.05 for _, p in found]) == pytest.approx(1 - covered)


def test_seeds_alone_would_be_too_sure():
    rng = np.random.default_rng(3)
    alone = [mean_interval(differences(rng, 20, 200).mean(1).tolist()) for _ in range(400)]
    assert np.mean([one.low <= 0 <= one.high for one in alone]) < 0.75


def test_with_noise_of_seeds_alone_it_is_students():
    per_seed = np.random.default_rng(4).normal(size=5)
    found, p = crossed_interval(np.repeat(per_seed[:, None], 50, axis=1))
    expected = mean_interval(per_seed.tolist())
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    from scipy.stats import ttest_1samp

    assert p == pytest.approx(ttest_1samp(per_seed, 0).pvalue)


def test_the_variance_is_that_of_the_two_way_table():
    """By hand, with sums over rows, columns and cells."""
    d = np.array([[0.0, 2.0, 1.0], [1.0, 5.0, 1.0]])
    rows, columns, mean = d.mean(1), d.mean(0), d.mean()
    of_rows = 3 * ((rows - mean) ** 2).sum() / 1
    of_columns = 2 * ((columns - mean) ** 2).sum() / 2
    rest = sum((d[i, j] - rows[i] - columns[j] + mean) ** 2 for i in range(2) for j in range(3)) / 2
    total = of_rows + of_columns - rest
    freedom = total**2 / (of_rows**2 / 1 + of_columns**2 / 2 + rest**2 / 2)
    from scipy.stats import t

    found, _ = crossed_interval(d)
    assert total > rest
    assert found.high - found.estimate == pytest.approx(t.ppf(0.975, freedom) * np.sqrt(total / 6))


def test_recipes_that_never_differ_have_no_width():
    found, p = crossed_interval(np.zeros((3, 7)))
    assert (found.low, found.high, p) == (0.0, 0.0, 1.0)
    assert crossed_interval(np.ones((3, 7)))[1] == 0.0


@pytest.mark.parametrize("shape", [(1, 9), (9, 1)])
def test_fewer_than_two_are_refused(shape):
    with pytest.raises(BadInput) as caught:
        crossed_interval(np.zeros(shape))
    assert str(caught.value) == (
        f"an interval needs at least 2 seeds and 2 examples, but got {shape[0]} and {shape[1]}; add more"
    )
