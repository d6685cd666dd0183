"""What y holds, classes or values, and what is refused where it holds values."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from luthier.core.errors import BadInput
from luthier.data import DataConfig, load
from luthier.data.sources import arrays
from luthier.data.targets import are_values, describe_indistinct, match_classes, to_single_or_double

X = np.arange(18.0).reshape(6, 3)


Y = [0.5, 1, 2, 3.25, -7, 1e6]


NOTHING = "; there is nothing to learn: mend y or drop the column"


def refused(y, **settings):
    with pytest.raises(BadInput) as caught:
        arrays.read((X, y), task="regression", **settings)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    "y",
    [Y, np.array(Y), np.array(Y, np.float32), np.array(Y, object), np.array(Y)[:, None], [Decimal("0.5")] * 6,
     [Fraction(1, 2)] * 6, [0.5, math.nan]],
    ids=["list", "float64", "float32", "objects", "column", "decimals", "fractions", "with a gap"],
)  # fmt: skip
def test_numbers_that_are_not_whole_are_values(y):
    assert are_values(y)


@pytest.mark.parametrize(
    "y",
    [[0, 1], [0.0, 1.0], np.eye(3), ["0.5", "1"], [True, False], [None, 1], [{}, 1], [0.0, math.nan], [1j, 0.5], [],
     [2**70, 1], [b"0.5"], np.array(["0.5"], object)],
    ids=str,
)  # fmt: skip
def test_all_else_is_classes(y):
    assert not are_values(y)


@pytest.mark.parametrize("y", [Y, np.array(Y), np.array(Y, object), np.array(Y)[:, None]], ids=lambda y: str(type(y)))
def test_values_become_a_column_of_float32(y):
    dataset = load((X, y))
    assert (dataset.task, dataset.classes, dataset.outputs) == ("regression", (), 1)
    assert dataset.labels.dtype == np.float32
    np.testing.assert_array_equal(dataset.labels[:, 0], np.array(Y, np.float32))


def test_several_values_keep_their_columns():
    both = np.c_[Y, np.arange(6) ** 2]
    dataset = arrays.read((X, both), test=(X[:4], both[2:]))
    assert dataset.outputs == 2 and dataset.official_test.tolist() == [False] * 6 + [True] * 4
    np.testing.assert_array_equal(dataset.labels, np.concatenate((both, both[2:])).astype(np.float32))


def test_whole_numbers_are_values_where_one_says_so():
    whole = [3, 1, 4, 1, 5, 9]
    assert load((X, [1, 0, 1, 0, 1, 0])).task == "classification"
    for y in (whole, np.array(whole, float), np.array(whole, np.uint8)):
        assert load((X, y), data_config=DataConfig(task="regression")).labels.tolist() == [[one] for one in whole]


def test_one_part_with_values_makes_both_so():
    dataset = arrays.read((X, [3, 1, 4, 1, 5, 9]), test=(X, Y))
    assert dataset.task == "regression" and dataset.labels[:6, 0].tolist() == [3, 1, 4, 1, 5, 9]


@pytest.mark.parametrize(
    ("y", "problem"),
    [
        (["a"] * 6, "values must be numbers of shape (N,) or (N, D), but got something else; bring y to that form"),
        (np.zeros((6, 2, 2)),
         "values must be numbers of shape (N,) or (N, D), but got shape (6, 2, 2); bring y to that form"),
        ([*Y[:4], math.nan, math.inf],
         "values must be finite in float32, but 2 are not, such as rows 4, 5; drop such rows"),
        ([*Y[:5], 1e39], "values must be finite in float32, but 1 are not, such as rows 5; drop such rows"),
        ([2.5] * 6,
         "values must differ, but all 6 in column 0 of y are 2.5"),
        (np.c_[Y, [3.0] * 6],
         "values must differ, but all 6 in column 1 of y are 3.0"),
        (Y[:5], "X and y must have equal lengths, but got 6 and 5; pass one label per example"),
    ],
    ids=["texts", "three axes", "not finite", "beyond float32", "constant", "constant column", "short"],
)  # fmt: skip
def test_values_of_another_form(y, problem):
    assert refused(y) == [problem + (NOTHING if "differ" in problem else "")]


def test_four_values_are_too_few():
    with pytest.raises(BadInput, match="regression needs at least 5 training examples, but got 4; add examples"):
        load((X[:4], Y[:4]))
    assert len(load((X[:5], Y[:5]))) == 5


def test_values_have_no_classes_and_equal_columns_in_both_parts():
    assert refused(Y, classes=("a", "b"), test=(X, np.c_[Y, Y])) == [
        "values have no classes, but got the classes a, b; leave them out",
        "training and test values must have equal columns, but got 1 and 2; bring them to one",
    ]


def test_a_task_that_is_not_that_of_the_data():
    with pytest.raises(BadInput) as caught:
        load("digits", data_config=DataConfig(task="regression"))
    assert (
        str(caught.value)
        == "task regression must be that of the data, but digits is for classification; leave task out"
    )


def test_a_file_says_its_task_and_weights_like_arrays(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, X=X, y=np.array([3, 1, 4, 1, 5, 9]), weights=[1, 0, 1, 2, 1, 1])
    from_file, from_arrays = (
        load(one, data_config=DataConfig(task="regression")) for one in (path, (X, [3, 1, 4, 1, 5, 9]))
    )
    assert from_file.weights.tolist() == [1, 0, 1, 2, 1, 1]
    np.testing.assert_array_equal(from_file.labels, from_arrays.labels)


NUMBERS = np.random.default_rng(0).normal(size=(29, 1))


@pytest.mark.parametrize("numbers", [1e8 + NUMBERS, 1e-40 * NUMBERS, 1e-300 * NUMBERS, 10**9 + np.arange(29)[:, None]])
def test_what_single_precision_cannot_tell_apart_is_refused(numbers):
    (problem,) = describe_indistinct(
        np.concatenate((NUMBERS, numbers), axis=1) if numbers.dtype.kind == "f" else numbers
    )
    place = 1 if numbers.dtype.kind == "f" else 0
    assert problem.startswith(f"columns of X must be told apart in float32, but column {place} runs from ")
    assert problem.endswith("; subtract its mean and divide by its standard deviation in float64 first")


@pytest.mark.parametrize(
    "numbers",
    [NUMBERS, 1e4 + NUMBERS, 1e30 * NUMBERS, 1e-30 * NUMBERS, NUMBERS * 0 + 0.1, 0.1 + 1e-17 * NUMBERS,
     (1e8 + NUMBERS).astype(np.float32), np.arange(29)[:, None] + 2000, 1.7e18 + 1e15 * NUMBERS],
)  # fmt: skip
def test_other_numbers_are_left_alone(numbers):
    assert describe_indistinct(numbers) == []


@pytest.mark.parametrize("values", [1e6 + NUMBERS, 1e8 + NUMBERS, 1e-40 * NUMBERS, 1e-300 * NUMBERS])
def test_values_that_single_precision_would_lose_stay_as_they_are(values):
    found = to_single_or_double(values)
    assert found.dtype == np.float64 and np.array_equal(found, values)


@pytest.mark.parametrize("values", [NUMBERS, 100 + NUMBERS, 1e30 * NUMBERS, 1e-30 * NUMBERS, np.full((3, 1), 5.0),
                                    (1e8 + NUMBERS).astype(np.float32), NUMBERS * 0])  # fmt: skip
def test_other_values_are_single(values):
    assert to_single_or_double(values).dtype == np.float32


@pytest.mark.parametrize(
    ("names", "known", "found"),
    [
        (("b", "a"), ("a", "b"), {"b": 1, "a": 0}),
        (("01", "1"), ("1", "2"), {"1": 0}),
        (("true", "FALSE"), ("False", "True", "Unknown"), {"true": 1, "FALSE": 0}),
        (("true",), ("True", "TRUE"), {}),
        (("1", "0"), ("0.0", "1.0"), {"1": 1, "0": 0}),
        (("1",), ("1.0", "1.00"), {}),
        (("1.0",), ("1", "1.0"), {"1.0": 1}),
        (("10",), ("1E1", "2E5"), {}),
        (("1.5", ".0", "x.0"), ("1", "", "x"), {}),
    ],
)
def test_classes_are_matched_by_the_texts_that_stand_there(names, known, found):
    assert match_classes(names, known) == found


@pytest.mark.parametrize("y", [np.array(3.5), np.array("a"), np.zeros(0), np.zeros((0, 2)), 1.5], ids=repr)
def test_values_without_rows_are_refused(y):
    with pytest.raises(BadInput):
        load((np.ones((4, 3)), y), data_config=DataConfig(task="regression"))
