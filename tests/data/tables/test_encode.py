"""Columns as numbers, against what was written by hand."""

import numpy as np
import pytest

from luthier.core.errors import BadInput, LuthierWarning
from luthier.data.tables import Reading, encode
from luthier.data.tables.schema import Column, Schema

NAN = np.nan
SCHEMA = Schema(
    "y",
    (
        Column("size", "number", True),
        Column("note", "text", values=("good", "film")),
        Column("city", "category", True, ("Oslo", "Rome")),
        Column("age", "number"),
    ),
    steps=3,
    dropped=(("other", "is constant"),),
)


def texts(*values):
    return np.asarray(values, object)


def test_every_kind():
    table = {
        "age": np.array([4.0, NAN, 6]),
        "note": texts("Good film!", None, "a good good good"),
        "size": texts("1.5", None, "-2"),
        "city": texts("Rome", None, "Oslo"),
        "other": texts("never", "looked", "at"),
    }
    np.testing.assert_array_equal(
        encode(table, SCHEMA),
        np.asarray(
            [
                [1.5, 0, 0, 1, 0, 4, 1, 2, 0],
                [NAN, 1, 0, 0, 1, NAN, 0, NAN, NAN],
                [-2, 0, 1, 0, 0, 6, 0, 1, 1],
            ],
            np.float32,
        ),
    )
    assert encode(table, SCHEMA).dtype == np.float32


def test_an_unknown_category_is_none_of_the_known_and_is_told():
    schema = Schema("y", (Column("city", "category", False, ("Oslo", "Rome")),))
    table = {"city": texts("Bonn", "Rome", None)}
    with pytest.warns(LuthierWarning, match="column city has categories that the network does not know, Bonn; "):
        found = encode(table, schema)
    assert found.tolist() == [[0, 0], [0, 1], [0, 0]]
    assert encode(table, schema, warn=False).tolist() == found.tolist()


def test_numbers_serve_as_categories():
    for one in ("1", "1.0", "01"):
        schema = Schema("y", (Column("code", "category", False, (one, "2.5")),))
        assert encode({"code": np.array([2.5, NAN, 1.0])}, schema).tolist() == [[0, 1], [0, 0], [1, 0]]


def test_columns_that_were_not_learnt_are_told_and_ignored():
    """Those that said the parts or were left out are known, and so is the target."""
    schema = Schema("y", (Column("a", "number"),), dropped=(("id", "numbers the rows"),), roles=("part",))
    table = {name: np.zeros(1) for name in ("a", "y", "id", "part", "b", "c")}
    with pytest.warns(LuthierWarning, match="^columns that the network was not trained on are ignored: b, c$"):
        assert encode(table, schema).tolist() == [[0]]


def test_values_are_read_as_they_were_learnt():
    columns = (
        Column("when", "number", reading=Reading("d/m/Y", missing=("-",))),
        Column("flag", "category", True, ("No", "Yes"), Reading(booleans=("No", "Yes"), missing=("?",))),
    )
    table = {"when": texts("03/01/1970", "-", "1970-01-03"), "flag": texts("TRUE", "?", "No")}
    np.testing.assert_array_equal(encode(table, Schema("y", columns)), [[2, 0, 1, 0], [NAN, 0, 0, 1], [2, 1, 0, 0]])
    table["when"] = texts("3.1.1970", "1", "nan")
    with pytest.raises(BadInput) as caught:
        encode(table, Schema("y", columns))
    assert caught.value.problems == (
        "column when must hold dates (d/m/Y or ISO 8601), but 2 values are not: '3.1.1970' in row 0, '1' in row 1; "
        "mend or empty them",
    )


def test_everything_that_is_wrong_is_said_at_once():
    schema = Schema("y", (Column("a", "number"), Column("b", "number"), Column("c", "number")))
    table = {"a": texts("1", "x", "3", "two"), "b": np.array([1, np.inf, 2, -1e39]), "c": np.zeros(4)}
    with pytest.raises(BadInput) as caught:
        encode(table, schema)
    assert list(caught.value.problems) == [
        "column a must hold numbers, but 2 values are not: 'x' in row 1, 'two' in row 3; mend or empty them",
        "column b must hold numbers finite in float32, but 2 values are not: inf in row 1, -1e+39 in row 3; "
        "mend or empty them",
    ]
    with pytest.raises(BadInput) as caught:
        encode({"b": np.zeros(2), "d": np.zeros(2)}, schema)
    assert list(caught.value.problems) == [
        f"the table must have the column {name}, but has b, d; add it" for name in "ac"
    ]
