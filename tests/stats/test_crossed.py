"""Differences over seeds and examples: coverage where seeds alone do not keep their promise."""

import numpy as np
import pytest

from luthier.core.errors import BadInput
from luthier.stats import crossed_interval, mean_interval


def differences(rng, seeds, examples, noise=(0.05, 0.5, 1.0)):
    """Two recipes that are equal in the population, with noise of seeds, of examples and of both together."""
    of_seeds, of_examples, rest = noise
    return (of_seeds * rng.normal(size=(seeds, 1)) + of_examples * rng.normal(size=(1, examples))
            + rest * rng.normal(size=(seeds, examples)))  # fmt: skip


@pytest.mark.parametrize("seeds", [3, 5, 20])
@pytest.mark.parametrize("noise", [(0.05, 0.5, 1.0), (0.3, 0.1, 1.0), (0.0, 1.0, 0.3)])
def test_it_holds_the_truth_about_as_often_as_it_says(seeds, noise):
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
