"""What the values of a column mean, value by value."""

import json

import numpy as np
import pytest

from luthier.data.tables.readings import (
    BOOLEANS,
    EITHER,
    ISO,
    Reading,
    are_numbers,
    learn_numbers,
    learn_texts,
    mark_missing,
    read_numbers,
    unify,
    write_number,
    write_numbers,
)


def texts(*values):
    return np.asarray(values, object)


def test_numbers_missing_values_and_the_rest():
    found, bad = read_numbers(texts("1", "-2.5e3", None, "x", ".5", "inf"))
    np.testing.assert_array_equal(found, [1, -2500, np.nan, np.nan, 0.5, np.inf])
    assert bad.tolist() == [False, False, False, True, False, False]
    assert mark_missing(texts("x", None, "")).tolist() == [False, True, False]
    assert mark_missing(np.asarray([1, np.nan])).tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "days"),
    [("1970-01-03", 2), ("1970-01-02T12:00:00", 1.5), ("1970-01-02 12:00:00+12:00", 1), ("1969-12-31", -1)],
)
def test_dates_are_days(text, days):
    found, bad = read_numbers(texts(text, None))
    np.testing.assert_array_equal(found, [days, np.nan])
    assert not bad.any()


def test_a_date_beside_another_text_is_none():
    assert read_numbers(texts("1970-01-03", "soon"))[1].all()


@pytest.mark.parametrize(("wrong", "expected"), [(0, True), (2, True), (3, False), (20, False)])
def test_one_in_ten_may_be_a_mistake(wrong, expected):
    values = texts(*["x"] * wrong, *["1"] * (20 - wrong), None, None)
    assert are_numbers(values) == expected


def test_an_empty_column_may_be_of_numbers():
    assert are_numbers(texts(None, None))


def test_how_numbers_and_dates_are_written_is_learnt():
    assert learn_numbers(texts("1", None, "2.5")) == Reading()
    assert learn_numbers(texts("1", "0", None)) == Reading(booleans=("0", "1"))
    assert learn_numbers(np.array([1.0, 0, np.nan])) == Reading(booleans=("0", "1"))
    assert learn_numbers(texts("2020-01-03", None)) == Reading(ISO)
    assert learn_numbers(texts(*["2020-01-03"] * 9, "soon")) == Reading(ISO), "one in ten may be a mistake"
    assert learn_numbers(texts("1", "2020-01-03")) is None


@pytest.mark.parametrize("beside", [(), ("soon",), ("1",), ("2020-05-05", None)])
def test_a_value_is_read_alike_whatever_stands_beside_it(beside):
    for text, reading, expected in (
        ("1970-01-03", Reading(ISO), 2),
        ("7", Reading(ISO), np.nan),
        ("7", Reading(), 7),
        ("1970-01-03", Reading(), np.nan),
        ("1970-01-03", Reading(EITHER), 2),
        ("7", Reading(EITHER), 7),
        ("03/01/1970", Reading("d/m/Y"), 2),
        ("1970-01-03", Reading("d/m/Y"), 2),
    ):
        found, bad = read_numbers(texts(text, *beside), reading)
        np.testing.assert_array_equal(found[0], expected)
        assert bad[0] == np.isnan(expected)


def test_plain_numbers_are_no_dates():
    """Of days, seconds or nanoseconds nobody knows."""
    found, bad = read_numbers(np.array([1.0, np.nan]), Reading(ISO))
    assert np.isnan(found).all() and bad.tolist() == [True, False]
    assert read_numbers(np.array([1.0]), Reading(EITHER))[0].tolist() == [1]


def test_python_s_own_ways_of_writing_numbers_are_none():
    assert read_numbers(texts("1_0", "10"))[1].tolist() == [True, False]


@pytest.mark.parametrize(
    ("values", "booleans"),
    [
        ({"True", "False"}, BOOLEANS),
        ({"TRUE", "true", "False"}, BOOLEANS),
        ({"true"}, BOOLEANS),
        ({"True", "False", "Unknown"}, ("False", "True")),
        ({"True", "Unknown"}, ("false", "True")),
        ({"True", "true", "Unknown"}, None),
        ({"Y", "N"}, ("N", "Y")),
        ({"yes", "no", "perhaps"}, ("no", "yes")),
        ({"yes", "Yes", "no"}, None),
        ({"yes", "maybe"}, None),
        ({"a", "b"}, None),
    ],
)
def test_how_true_and_false_are_written_is_learnt(values, booleans):
    assert learn_texts(values).booleans == booleans


def test_texts_are_written_as_they_were_learnt():
    values = texts("True", "FALSE", "yes", "na", "None", "?", None)
    reading = Reading(booleans=("no", "yes"), missing=("?",))
    assert unify(values, reading, {"no", "yes", "None"}).tolist() == ["yes", "no", "yes", None, "None", None, None]
    assert unify(values, Reading()).tolist() == ["True", "FALSE", "yes", None, None, "?", None]
    assert unify(texts("0", "1", "2"), reading).tolist() == ["no", "yes", "2"]
    assert unify(texts("0", "1", "2"), reading, {"1"}).tolist() == ["no", "1", "2"]


@pytest.mark.parametrize("reading", [Reading(), Reading(ISO), Reading("d.m.Y", booleans=("n", "y"), missing=("?",))])
def test_a_reading_survives_json(reading):
    assert Reading.of(json.loads(json.dumps(reading.dump()))) == reading


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1e15, "1000000000000000"),
        (1e16, "1e+16"),
        (np.inf, "inf"),
        (-2.5, "-2.5"),
    ],
)
def test_numbers_are_written_short_and_exactly(number, text):
    assert write_number(number) == text and float(text) == number


def test_numbers_are_the_known_texts_that_say_them():
    values = np.array([1.0, 2, 3, np.nan])
    assert write_numbers(values, ["1.0", "02", "2.0", "x"]).tolist() == ["1.0", "2", "3", None]
    assert write_numbers(values, ["1.0", "1", "3"]).tolist() == ["1", "2", "3", None]
    assert write_numbers(texts("a", None)).tolist() == ["a", None]
