"""Texts as numbers."""

import numpy as np
import pytest

from luthier.data.tables.read import are_numbers, missing, numbers


def texts(*values):
    return np.asarray(values, object)


def test_numbers_missing_values_and_the_rest():
    found, bad = numbers(texts("1", "-2.5e3", None, "x", ".5", "inf"))
    np.testing.assert_array_equal(found, [1, -2500, np.nan, np.nan, 0.5, np.inf])
    assert bad.tolist() == [False, False, False, True, False, False]
    assert missing(texts("x", None, "")).tolist() == [False, True, False]
    assert missing(np.asarray([1, np.nan])).tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "days"),
    [("1970-01-03", 2), ("1970-01-02T12:00:00", 1.5), ("1970-01-02 12:00:00+12:00", 1), ("1969-12-31", -1)],
)
def test_dates_are_days(text, days):
    found, bad = numbers(texts(text, None))
    np.testing.assert_array_equal(found, [days, np.nan])
    assert not bad.any()


def test_a_date_beside_another_text_is_none():
    assert numbers(texts("1970-01-03", "soon"))[1].all()


@pytest.mark.parametrize(("wrong", "expected"), [(0, True), (2, True), (3, False), (20, False)])
def test_one_in_ten_may_be_a_mistake(wrong, expected):
    values = texts(*["x"] * wrong, *["1"] * (20 - wrong), None, None)
    assert are_numbers(values) == expected


def test_an_empty_column_may_be_of_numbers():
    assert are_numbers(texts(None, None))
