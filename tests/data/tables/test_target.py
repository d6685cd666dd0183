"""Targets: classes or values."""

import numpy as np
import pytest

from luthier.data.tables.roles import read_target
from luthier.data.targets import MANY


def read(values, task="auto"):
    problems = []
    array = np.asarray(values, object if any(isinstance(one, str) or one is None for one in values) else float)
    labels, classes = read_target(array, "price", task, problems)
    return labels.tolist(), classes, problems


@pytest.mark.parametrize(
    ("values", "labels", "classes"),
    [
        (["b", "a", "b"], [1, 0, 1], ("a", "b")),
        (["10", "9", "10"], [1, 0, 1], ("9", "10")),
        ([-1.0, 1.0, -1.0], [0, 1, 0], ("-1", "1")),
        (["1.0", "2", "1"], [0, 1, 0], ("1", "2")),
        (["1", "b", "c"], [0, 1, 2], ("1", "b", "c")),
    ],
)
def test_classes(values, labels, classes):
    assert read(values) == (labels, classes, [])


def test_numbers_that_are_not_whole_are_values_unless_they_are_called_classes():
    assert read(["1.5", "2"]) == ([[1.5], [2]], (), [])
    assert read([1.0, 2.0], "regression") == ([[1], [2]], (), [])
    assert read([1.5, 2.0], "classification") == ([0, 1], ("1.5", "2"), [])


def test_many_whole_numbers_could_be_either():
    assert read(list(range(MANY)))[2] == []
    values = [float(k) for k in range(MANY + 1)]
    assert read(values)[2] == [
        f"the target price must hold classes or values, but its {MANY + 1} different whole numbers could be either; "
        "say --set data.task=regression or --set data.task=classification"
    ]
    assert read(values, "classification")[1][-1] == str(MANY)
    assert read(values, "regression")[2] == []


@pytest.mark.parametrize("odd", [1.5, -0.25])
def test_a_number_that_is_not_whole_among_many_could_be_a_slip(odd):
    values = [0.0, 1.0, 2.0] * 13 + [odd]
    assert read(values)[2] == [
        "the target price must hold classes or values, but 1 of its numbers are not whole among many that are, such "
        f"as {odd} in row 39; mend them, or say --set data.task=regression"
    ]
    assert read(values, "regression")[2] == []
    assert read([*values, 0.5, 0.5, 0.5, 0.5])[1:] == ((), [])


def test_classes_are_finite():
    assert read([0.0, 1.0, np.inf, 1.0, -np.inf])[2] == [
        "the target price must be finite, but 2 rows are not: inf in row 2, -inf in row 4; mend them"
    ]


def test_what_is_missing_or_no_number_is_refused_with_its_rows():
    assert read(["a", None, "b", None])[2] == [
        "the target price must not be missing, but is in 2 rows: 1, 3; drop or fill them"
    ]
    assert read(["1.5", "x", "inf", *["2"] * 20], "regression")[2] == [
        "values must be finite numbers, but 2 of price are not: 'x' in row 1, 'inf' in row 2; drop such rows"
    ]


def test_values_beside_a_large_offset_are_kept():
    problems = []
    values = np.array([1e8 + 0.25, 1e8 + 0.5, 1e8])
    labels, _ = read_target(values, "price", "regression", problems)
    assert labels.dtype == np.float64 and labels[:, 0].tolist() == values.tolist() and not problems
    assert read_target(np.array([0.25, 2]), "price", "regression", problems)[0].dtype == np.float32
