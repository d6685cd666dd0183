"""What stands in the place of a diverged run."""

import math

import pytest

from luthier.stats import worst_for_diverged


@pytest.mark.parametrize(("higher", "worst"), [(True, 0.3), (False, 0.8)])
def test_it_is_the_worst_finite_score(higher, worst):
    found = worst_for_diverged([math.inf, 0.8, math.nan, 0.3, -math.inf], higher)
    assert found == [worst, 0.8, worst, 0.3, worst]


def test_scores_of_runs_that_held_stay():
    assert worst_for_diverged([0.3, 0.1, 0.2]) == [0.3, 0.1, 0.2]
