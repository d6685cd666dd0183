"""Columns from memory against those of the file that holds them."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas
import pyarrow
import pytest

from luthier.core.errors import BadInput
from luthier.data.tables import has_columns, read_columns

NAN = np.nan
DAY, NOON = dt.date(2020, 1, 31), dt.datetime(2020, 1, 31, 12)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2.5, None], [1, 2.5, NAN]),
        (np.array([1, 2], np.int16), [1.0, 2]),
        (np.array([1.5, NAN], np.float16), [1.5, NAN]),
        (np.array([2**63], np.uint64), [str(2**63)]),
        ([2**53 + 1, None], [str(2**53 + 1), None]),
        ([Decimal("1.5"), np.float32(2)], [1.5, 2.0]),
        (range(3), [0.0, 1, 2]),
        (np.ma.array([1, 2], mask=[False, True]), [1, NAN]),
        (np.ma.array(["a", "b"], mask=[False, True]), ["a", None]),
        ((1.0, 2.0), [1.0, 2]),
        (np.array([True, False]), ["true", "false"]),
        ([True, None, np.bool_(False)], ["true", None, "false"]),
        (np.array([" x", "", "y "]), ["x", None, "y"]),
        (["x", None, NAN, pandas.NA, pandas.NaT, 1, 2.0], ["x", None, None, None, None, "1", "2.0"]),
        ([DAY, NOON, None], ["2020-01-31", "2020-01-31T12:00:00", None]),
        ([dt.datetime(2020, 1, 31), np.datetime64("2020-01-31")], ["2020-01-31", "2020-01-31"]),
        ([NOON.replace(tzinfo=dt.UTC)], ["2020-01-31T12:00:00+00:00"]),
        (np.array(["2020-01-31", "NaT"], "M8[D]"), ["2020-01-31", None]),
        (np.array(["2020-01-31"], "M8[ns]"), ["2020-01-31"]),
        (np.array(["2020-01-31T12"], "M8[h]"), ["2020-01-31T12:00:00.000000"]),
        (pandas.Series([1, None, 3], dtype="Int64"), [1, NAN, 3]),
        (pandas.Series([True, None], dtype="boolean"), ["true", None]),
        (pandas.Series(["a", None], dtype="string"), ["a", None]),
        (pandas.Series(["b", "a", None]).astype("category"), ["b", "a", None]),
        (pandas.Series([3, 1]).astype("category"), [3.0, 1]),
        (pandas.Series([0.0, 5]).astype("Sparse[float]"), [0.0, 5]),
        (pandas.Series([NOON, None]), ["2020-01-31T12:00:00.000000", None]),
        (pandas.Series([NOON]).dt.tz_localize("UTC"), ["2020-01-31T12:00:00+00:00"]),
        (pandas.Series([1, 2], index=[5, 3]), [1.0, 2]),
        (pyarrow.chunked_array([[1, None]]), [1, NAN]),
        (pyarrow.array([DAY, None]), ["2020-01-31", None]),
    ],
)  # fmt: skip
def test_every_type_becomes_what_a_file_gives(values, expected):
    found = read_columns({"a": values})["a"]
    assert found.dtype == (object if any(isinstance(one, str) for one in expected) else np.float64)
    np.testing.assert_array_equal(found, np.asarray(expected, found.dtype))


def test_frames_mappings_and_records_are_columns():
    expected = {"a": [1.0, 2.0], "b": ["x", None]}
    frame = pandas.DataFrame({"a ": [1, 2], "b": ["x", None]})
    table = pyarrow.table({"a": [1, 2], "b": ["x", None]})
    for data in (expected, frame, table):
        assert has_columns(data)
        assert {name: values.tolist() for name, values in read_columns(data).items()} == expected
    records = np.array([(1, "x"), (2, "y")], [("a", int), ("b", "U1")])
    assert has_columns(records) and read_columns(records)["b"].tolist() == ["x", "y"]
    numbered = pandas.DataFrame(np.ones((2, 2)))
    assert list(read_columns(numbered)) == ["0", "1"]
    for other in (np.zeros((2, 2)), [[1]], "a.csv", pandas.Series([1, 2], index=["columns", "dtypes"]), None):
        assert not has_columns(other)


def test_polars_too():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"a": [1, None], "b": [True, None], "c": [DAY, None], "d": ["x", None]})
    found = read_columns(frame)
    np.testing.assert_array_equal(found.pop("a"), [1, NAN])
    assert {name: values.tolist() for name, values in found.items()} == {
        "b": ["true", None],
        "c": ["2020-01-31", None],
        "d": ["x", None],
    }
    with pytest.raises(
        BadInput, match="columns must be in memory, but LazyFrame is to be computed first; pass what it"
    ):
        read_columns(frame.lazy())


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ([[1], [2]], "list"),
        ([np.zeros(2), None], "ndarray"),
        ([b"x"], "bytes"),
        (np.array([b"x"]), "|S1"),
        ([1j], "complex"),
        (np.array([1], "m8[D]"), "timedelta64[D]"),
        ([dt.timedelta(1)], "timedelta"),
    ],
)
def test_other_types_are_refused(values, what):
    with pytest.raises(BadInput) as caught:
        read_columns({"a": values, "b": [object()] * len(values)})
    assert caught.value.problems == tuple(
        f"columns must hold numbers, texts, booleans or dates, but {name} holds {one}; convert or drop it"
        for name, one in (("a", what), ("b", "object"))
    )


def test_what_is_no_table_is_refused_with_all_that_is_wrong():
    twice = pandas.DataFrame([[1, 2, 3]], columns=["a", "b", "a"])
    for data, problem in (
        (twice, "columns must differ in name, but 'a' is there twice; rename one"),
        ({"a": [1], "b": [1, 2]}, "columns must be equally long, but a has 1, b has 2; give each row a value or None"),
        ({"a": []}, "a table must have rows, but got none; add some"),
        ({}, "a table must have rows, but got none; add some"),
        ({"a": 1.0}, "columns must be one value a row, but a has shape (); pass a list or an array (N,)"),
        ({"a": "text"}, "columns must be one value a row, but a has shape (); pass a list or an array (N,)"),
        ({"a": ["\ud800", "b"]}, "texts must be Unicode, but column 'a' has '\\ud800'; mend it"),
        ({"\ud800": [1]}, "texts must be Unicode, but column '\\ud800' has '\\ud800'; mend it"),
        ({"a": [[1]]}, "columns must hold numbers, texts, booleans or dates, but a holds list; convert or drop it"),
    ):  # fmt: skip
        with pytest.raises(BadInput) as caught:
            read_columns(data)
        assert caught.value.problems == (problem,)


def test_numbers_without_end_are_infinite():
    assert read_columns({"a": [10**5000, 1]})["a"].tolist() == ["inf", "1"]
    assert read_columns({"a": [Fraction(10**400), Decimal("1e400"), Decimal("sNaN")]})["a"].tolist()[:2] == [np.inf] * 2
