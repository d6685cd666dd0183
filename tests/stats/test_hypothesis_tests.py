"""Two networks on the same examples, against sums of binomial terms, SciPy and simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from luthier.core.errors import BadInput
from luthier.stats import holm, mcnemar, paired_share_interval


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_is_the_sum_of_binomial_terms(first, second):
    n, few = first + second, min(first, second)
    tail = sum(math.comb(n, k) for k in range(few + 1)) / 2**n
    assert mcnemar(first, second) == pytest.approx(min(1.0, 2 * tail), rel=1e-9)
    assert mcnemar(first, second) == mcnemar(second, first)
    assert n == 0 or mcnemar(first, second) == binomtest(second, n, 0.5).pvalue


def test_mcnemar_errs_no_more_often_than_it_says():
    rng = np.random.default_rng(0)
    first = rng.binomial(23, 0.5, size=2000)
    assert np.mean([mcnemar(one, 23 - one) < 0.05 for one in first]) <= 0.05


@pytest.mark.parametrize(
    ("first", "second", "n"), [(0.02, 0.02, 100), (0.1, 0.05, 100), (0.3, 0.1, 50), (0.01, 0.03, 400)]
)
def test_the_interval_holds_the_truth_about_as_often_as_it_says(first, second, n):
    rng = np.random.default_rng(1)
    found = [paired_share_interval(one, two, n) for one, two, *_ in
             rng.multinomial(n, [first, second, 1 - first - second], size=2000)]  # fmt: skip
    assert np.mean([one.low <= second - first <= one.high for one in found]) > 0.935


def test_shares_that_do_not_differ_still_have_a_width():
    found = paired_share_interval(0, 0, 50)
    assert found.estimate == 0 and found.low == -found.high < 0 and found.n == 50


def test_it_stays_within_what_can_be():
    assert paired_share_interval(0, 3, 3).high == 1.0 and paired_share_interval(3, 0, 3).low == -1.0


@pytest.mark.parametrize(("first", "second", "n"), [(-1, 2, 9), (5, 5, 9), (0, 3, 2)])
def test_counts_that_cannot_be_are_refused(first, second, n):
    with pytest.raises(BadInput) as caught:
        paired_share_interval(first, second, n)
    assert str(caught.value) == (
        "counts of pairs must be at least 0 and at most the n examples together, "
        f"but got {first} and {second} of {n}; pass counts of examples"
    )


@given(st.lists(st.floats(0, 1), max_size=7), st.floats(0.001, 1))
def test_it_rejects_what_stepping_down_rejects(values, level):
    rejected: set[int] = set()
    for place, k in enumerate(sorted(range(len(values)), key=lambda k: values[k])):
        if values[k] * (len(values) - place) > level:
            break
        rejected.add(k)
    assert {k for k, one in enumerate(holm(values)) if one <= level} == rejected or level == 1


def test_false_claims_are_no_more_frequent_than_the_level():
    values = np.random.default_rng(0).random((2000, 4))
    assert np.mean([min(holm(row)) < 0.05 for row in values.tolist()]) < 0.065


def test_one_claim_stays_as_it_is():
    assert holm([0.3]) == [0.3] and holm([]) == []
