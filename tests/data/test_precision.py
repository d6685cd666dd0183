"""What single precision would lose is kept in double precision, or refused."""

import numpy as np
import pytest

from luthier.data.targets import coarse, single_or_double

NUMBERS = np.random.default_rng(0).normal(size=(29, 1))


@pytest.mark.parametrize("numbers", [1e8 + NUMBERS, 1e-40 * NUMBERS, 1e-300 * NUMBERS, 10**9 + np.arange(29)[:, None]])
def test_what_single_precision_cannot_tell_apart_is_refused(numbers):
    (problem,) = coarse(np.concatenate((NUMBERS, numbers), axis=1) if numbers.dtype.kind == "f" else numbers)
    place = 1 if numbers.dtype.kind == "f" else 0
    assert problem.startswith(f"columns of X must be told apart in float32, but column {place} runs from ")
    assert problem.endswith("; subtract its mean and divide by its standard deviation in float64 first")


@pytest.mark.parametrize(
    "numbers",
    [NUMBERS, 1e4 + NUMBERS, 1e30 * NUMBERS, 1e-30 * NUMBERS, NUMBERS * 0 + 0.1, 0.1 + 1e-17 * NUMBERS,
     (1e8 + NUMBERS).astype(np.float32), np.arange(29)[:, None] + 2000, 1.7e18 + 1e15 * NUMBERS],
)  # fmt: skip
def test_other_numbers_are_left_alone(numbers):
    assert coarse(numbers) == []


@pytest.mark.parametrize("values", [1e6 + NUMBERS, 1e8 + NUMBERS, 1e-40 * NUMBERS, 1e-300 * NUMBERS])
def test_values_that_single_precision_would_lose_stay_as_they_are(values):
    found = single_or_double(values)
    assert found.dtype == np.float64 and np.array_equal(found, values)


@pytest.mark.parametrize("values", [NUMBERS, 100 + NUMBERS, 1e30 * NUMBERS, 1e-30 * NUMBERS, np.full((3, 1), 5.0),
                                    (1e8 + NUMBERS).astype(np.float32), NUMBERS * 0])  # fmt: skip
def test_other_values_are_single(values):
    assert single_or_double(values).dtype == np.float32
