"""The bootstrap interval: its promise held, against SciPy's, and the same for the same examples."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from luthier.stats import bootstrap_interval
from luthier.stats.intervals import CHUNK, DRAWS


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


def test_it_holds_the_truth_about_as_often_as_it_says(rng):
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
