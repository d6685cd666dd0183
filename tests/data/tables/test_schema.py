"""What columns are taken for."""

import json

import numpy as np
import pytest

from luthier.core.errors import BadInput
from luthier.data.tables.learn import CATEGORIES, learn_schema
from luthier.data.tables.readings import BOOLEANS, EITHER, ISO, Reading
from luthier.data.tables.remarks import list_remarks
from luthier.data.tables.schema import Column, Schema


def table(**columns):
    return {
        name.replace("_", " "): np.asarray(values, object if isinstance(values[0], str | None) else float)
        for name, values in columns.items()
    }


def learned(columns, text=None, rows=None):
    count = len(next(iter(columns.values())))
    return learn_schema(columns, "y", text, np.ones(count, bool) if rows is None else rows)


def kinds(columns, **options):
    return {one.name: one.kind for one in learned(columns, **options).columns}


def test_numbers_and_categories():
    schema = learned(
        table(
            whole=[1.0, 2, 2, 4],
            gaps=["1.5", None, "3", "4"],
            city=["Rome", "Oslo", "Rome", "Rome"],
            holes=["b", None, "a", "b"],
            half=["x", None, "x", "x"],
        )
    )
    assert schema.columns == (
        Column("whole", "number"),
        Column("gaps", "number", True),
        Column("city", "category", False, ("Oslo", "Rome")),
        Column("holes", "category", True, ("a", "b")),
        Column("half", "category", True, ("x",)),
    )
    assert schema.features == (
        "whole", "gaps", "gaps is missing", "city = Oslo", "city = Rome", "holes = a", "holes = b", "holes is missing",
        "half = x", "half is missing",
    )  # fmt: skip
    assert (schema.steps, schema.form, schema.layout, schema.dropped) == (0, "rows", None, ())


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([1e9, 1e9 + 1, 1e9 + 3], "1000000000.0 to 1000000003.0"),
        (["1e9", None, "1000000001"], "1000000000.0 to 1000000001.0"),
        ([1e-40, 2e-40, 5e-40], "1e-40 to 5e-40"),
    ],
)
def test_numbers_that_single_precision_cannot_tell_apart_are_refused(values, ends):
    """As of arrays, which would otherwise be learnt from as if they were constant."""
    with pytest.raises(BadInput) as caught:
        learned(table(plain=[1.0, 2, 3], far_off=values, off=values))
    assert caught.value.problems == tuple(
        f"column {name} must be told apart in float32, but runs from {ends}; subtract its mean and divide by its "
        "standard deviation in the file, or leave the column out"
        for name in ("far off", "off")
    )


@pytest.mark.parametrize(
    "values", [[1e4, 1e4 + 1, 1e4 + 3], [-1e308, 1e308, 1.0], [np.inf, 1.0, 2.0], [0.1, 0.1, np.nan]]
)
def test_other_numbers_are_read(values):
    """Those that are too large for single precision are told with their rows, when they are encoded."""
    assert kinds(table(plain=values)) == {"plain": "number"}


def test_what_teaches_nothing_is_left_out():
    schema = learned(
        {
            **table(kept=[1.0, 2, 4, 4], constant=[3.0, 3, 3, 3], same=["a", "a", "a", "a"], user_id=[7.0, 3, 9, 1]),
            "empty": np.full(4, np.nan),
            "void": np.full(4, None, object),
        }
    )
    assert [one.name for one in schema.columns] == ["kept"]
    assert dict(schema.dropped) == {
        "constant": "is constant",
        "same": "is constant",
        "user id": "numbers the rows",
        "empty": "is empty",
        "void": "is empty",
    }


@pytest.mark.parametrize("name", ["id", "ID", "user_id", "Unnamed: 0", "column 0", "index", "row key"])
def test_names_of_row_numbers(name):
    assert dict(learned({name: np.arange(4.0), **table(x=[1.0, 1, 2, 3])}).dropped) == {name: "numbers the rows"}


@pytest.mark.parametrize("name", ["year", "width", "bid", "idle"])
def test_numbers_that_all_differ_are_kept_under_other_names(name):
    assert kinds({name: np.arange(4.0)}) == {name: "number"}


def test_an_id_with_repetitions_is_kept():
    assert kinds(table(shop_id=[1.0, 1, 2, 2])) == {"shop id": "number"}


MANY = CATEGORIES + 1


NAMES = [f"name{k}" for k in range(MANY)]


SENTENCES = [f"sentence number {k}" for k in range(MANY)]


def test_texts_names_and_many_categories_are_told_apart():
    often = [*NAMES, *NAMES, "name7"]
    schema = learned(table(review=SENTENCES * 2 + SENTENCES[:1], name=[*NAMES, *NAMES[:1] * (MANY + 1)], town=often))
    assert {one.name: one.kind for one in schema.columns} == {"review": "text", "name": "category", "town": "category"}
    town = schema.columns[2].values
    assert len(town) == CATEGORIES and "name7" in town and list(town) == sorted(town)
    assert "name9" not in town or "name8" in town  # of equally frequent ones the first of the alphabet
    assert dict(learned(table(name=NAMES, x=np.arange(MANY).tolist())).dropped) == {
        "name": "names the rows, for most of its values differ"
    }


def test_as_many_values_as_there_are_places_are_categories():
    assert kinds(table(review=SENTENCES[:-1])) == {"review": "category"}
    assert kinds(table(review=SENTENCES[:-1]), text="review") == {"review": "text"}


def test_one_text_is_read():
    both = table(review=SENTENCES, title=SENTENCES)
    with pytest.raises(BadInput) as caught:
        learned(both)
    assert str(caught.value) == (
        "a table may have one text, but review, title hold texts; name the one to read with data.text"
    )
    schema = learned(both, text="title")
    assert (schema.text.name, dict(schema.dropped)) == ("title", {"review": "is a text beside title, and one is read"})


def test_a_text_has_a_vocabulary_and_a_length():
    schema = learned(table(note=["Good, good film", "a film", None], x=[1.0, 2, 2]), text="note")
    assert schema.text.values == ("film", "good")  # what comes once is the unknown word
    assert (schema.steps, schema.layout, schema.form) == (4, (1, 3), "text")


def test_only_the_training_rows_are_looked_at():
    columns = table(city=["Rome", "Oslo", "Rome", "Bonn"], x=[1.0, np.nan, 2, np.nan], z=[1.0, 1, 1, 2])
    schema = learned(columns, rows=np.array([True, True, True, False]))
    assert schema.columns[0].values == ("Oslo", "Rome")
    assert schema.dropped == (("z", "is constant"),)
    assert not learned(columns, rows=np.array([True, False, True, False])).columns[0].missing


def test_nothing_to_learn_from():
    with pytest.raises(BadInput) as caught:
        learned(table(a=[1.0, 1], b=["x", "x"]))
    assert str(caught.value) == ("a table needs a column to learn from, but a is constant, b is constant; add one")
    with pytest.raises(BadInput, match=r"data.text must name a column, but got 'notes'; did you mean 'note'"):
        learned(table(note=["a", "b"]), text="notes")


def test_remarks_name_what_is_left_out():
    columns = table(town=[*NAMES, *NAMES], review=["word " * 300] + ["short"] * (2 * MANY - 1), k=[1.0] * 2 * MANY)
    assert list_remarks(columns, learned(columns, text="review"), "review") == [
        "column k is left out: it is constant; nothing can be learnt from it",
        f"column town has 1 categories beyond the {CATEGORIES} most frequent; they count as none of these",
        "1 texts of column review are cut to 256 words; shorten them if their ends matter",
    ]


def test_a_schema_survives_json():
    schema = learned(table(note=["a film", "a film", None], x=[1.0, np.nan, 2], k=[1.0, 1, 1]), text="note")
    assert Schema.of(json.loads(json.dumps(schema.dump()))) == schema


def test_how_values_are_written_is_kept():
    schema = learned(
        table(
            when=["2020-01-31", None, "2020-02-01"],
            flag=["True", "FALSE", "true"],
            known=["True", "False", "Unknown"],
            binary=["1", "0", "1"],
        )
    )
    assert schema.columns == (
        Column("when", "number", True, reading=Reading(ISO)),
        Column("flag", "category", False, BOOLEANS, Reading(booleans=BOOLEANS)),
        Column("known", "category", False, ("False", "True", "Unknown"), Reading(booleans=("False", "True"))),
        Column("binary", "number", reading=Reading(booleans=("0", "1"))),
    )
    assert Schema.of(json.loads(json.dumps(schema.dump()))) == schema


def test_a_schema_of_an_earlier_version_is_read():
    """It noted no readings: numbers or dates as ISO writes them, and true and false in lower case."""
    columns = [
        {"name": "a", "kind": "number", "missing": True, "values": []},
        {"name": "b", "kind": "category", "missing": False, "values": ["false", "true"]},
        {"name": "c", "kind": "category", "missing": False, "values": ["True", "other"]},
    ]
    schema = Schema.of({"target": "y", "columns": columns, "steps": 0, "dropped": [["id", "numbers the rows"]]})
    assert schema == Schema(
        "y",
        (
            Column("a", "number", True, reading=Reading(EITHER)),
            Column("b", "category", False, BOOLEANS, Reading(booleans=BOOLEANS)),
            Column("c", "category", False, ("True", "other")),
        ),
        dropped=(("id", "numbers the rows"),),
    )
    assert schema.names == ("a", "b", "c") and schema.row_names == ("id",) and schema.roles == ()


def test_numbers_may_be_a_text():
    schema = learned({"note": np.array([1.0, np.nan, 1.0]), **table(x=[1.0, 2, 2])}, text="note")
    assert (schema.text.values, schema.steps) == (("1",), 1)
