"""Holm's adjustment, against its definition and by simulation."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from luthier.stats import holm


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
