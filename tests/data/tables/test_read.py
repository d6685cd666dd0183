"""Files of tables: every way to write one, and what is wrong with one."""

import datetime
from decimal import Decimal

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from luthier.core.errors import BadInput
from luthier.data.tables import read_table


@pytest.fixture
def csv(tmp_path):
    def write(content, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def problems_of(path):
    with pytest.raises(BadInput) as caught:
        read_table(path)
    return [problem.replace(str(path), "t") for problem in caught.value.problems]


def test_a_csv_file_is_read_as_texts(csv):
    table = read_table(csv('a,b b,"c,d"\n1, x ,"two\nlines"\n2.5,NA,"say ""so"""\n,"NA",null\n'))
    assert {name: one.tolist() for name, one in table.items()} == {
        "a": ["1", "2.5", None],
        "b b": ["x", None, "NA"],
        "c,d": ["two\nlines", 'say "so"', None],
    }


@pytest.mark.parametrize(
    "word", ["", "NA", "na", "N/A", "n/a", "NaN", "nan", "NAN", "null", "NULL", "None", "none", " "]
)
def test_what_counts_as_missing(csv, word):
    assert read_table(csv(f"a,b\n1,2\n{word},3\n"))["a"].tolist() == ["1", None]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_what_stands_between_cells_is_found(csv, mark):
    table = read_table(csv(f"a{mark}b{mark}c.d\n1{mark}2{mark}x y\n"))
    assert {name: one.tolist() for name, one in table.items()} == {"a": ["1"], "b": ["2"], "c.d": ["x y"]}


def test_a_byte_order_mark_windows_line_ends_and_an_unnamed_column(csv):
    table = read_table(csv("\ufeffa,\r\n1,2\r\n3,4\r\n"))
    assert {name: one.tolist() for name, one in table.items()} == {"a": ["1", "3"], "column 1": ["2", "4"]}


def test_rows_of_other_lengths_are_all_named(csv):
    assert problems_of(csv("a,b\n1,2\n3\n4,5\n6,7,8\n")) == [
        f"every row must have the 2 cells of the header, but row {row} of t has {cells}; "
        "mend it, or quote cells that hold a ','"
        for row, cells in ((1, 1), (3, 3))
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "a table must have rows, but t is empty; add a header and rows"),
        ("a,b\n", "a table must have rows, but t has none; add some"),
        (
            "a,b,a\n1,2,3\n",
            "columns must differ in name, but t has 'a' twice; rename one, or say data.header",
        ),
        ("a,b\n1,\xe9\n".encode("latin-1"), "t must be a CSV file in UTF-8, but cannot be read ("),
        ("a\xe9,b\n1,2\n".encode("latin-1"), "t must be a CSV file in UTF-8, but cannot be read ("),
    ],
    ids=["empty", "header alone", "twice", "latin-1", "latin-1 in the header"],
)
def test_files_that_are_no_table(csv, content, problem):
    assert problems_of(csv(content))[0].startswith(problem)


def test_types_of_parquet(tmp_path):
    day = datetime.date(1970, 1, 3)
    noon = datetime.datetime(1970, 1, 2, 12)
    columns = {
        "whole": pyarrow.array([1, None, 3], pyarrow.int16()),
        "float": pyarrow.array([0.5, None, 2], pyarrow.float32()),
        "decimal": pyarrow.array([Decimal("1.25"), None, Decimal("2.50")]),
        "text": pyarrow.array([" x", "", None]),
        "large": pyarrow.array(["x", "y", None], pyarrow.large_string()),
        "view": pyarrow.array(["x", "y", None], pyarrow.string_view()),
        "boolean": pyarrow.array([True, None, False]),
        "dictionary": pyarrow.array(["x", None, "y"]).dictionary_encode(),
        "date": pyarrow.array([day, None, day]),
        "time": pyarrow.array([noon, None, noon], pyarrow.timestamp("ns", "UTC")),
        "nothing": pyarrow.nulls(3),
    }
    parquet.write_table(pyarrow.table(columns), tmp_path / "t.parquet")
    nan = np.nan
    expected = {
        "whole": [1, nan, 3],
        "float": [0.5, nan, 2],
        "decimal": [1.25, nan, 2.5],
        "text": ["x", None, None],
        "large": ["x", "y", None],
        "view": ["x", "y", None],
        "boolean": ["true", None, "false"],
        "dictionary": ["x", None, "y"],
        "date": ["1970-01-03", None, "1970-01-03"],
        "time": ["1970-01-02T12:00:00.000000", None, "1970-01-02T12:00:00.000000"],
        "nothing": [nan, nan, nan],
    }
    table = read_table(tmp_path / "t.parquet")
    assert table.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(table[name], np.asarray(values, table[name].dtype), name)


def test_times_to_the_nanosecond(tmp_path):
    times = pyarrow.array([86_400_000_000_001, None], pyarrow.timestamp("ns"))
    parquet.write_table(pyarrow.table({"t": times}), tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet")["t"].tolist() == ["1970-01-02", None]


@pytest.mark.parametrize("type_", [pyarrow.int64(), pyarrow.uint64(), pyarrow.decimal128(38, 0)])
def test_whole_numbers_keep_all_their_digits(tmp_path, type_):
    columns = {"a": pyarrow.array([100_000_000_000_000_001, None, 7], type_), "b": pyarrow.array([1, None, 7], type_)}
    parquet.write_table(pyarrow.table(columns), tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    assert table["a"].tolist() == ["100000000000000001", None, "7"]
    np.testing.assert_array_equal(table["b"], [1, np.nan, 7])


def test_the_space_around_names_is_no_part_of_them(csv):
    assert list(read_table(csv("a , b,\tc\n1,2,3\n"))) == ["a", "b", "c"]


def test_equal_names_of_parquet_are_refused(tmp_path):
    columns = [pyarrow.array([1, 2])] * 3
    parquet.write_table(pyarrow.Table.from_arrays(columns, ["a", "b", "a"]), tmp_path / "t.parquet")
    assert problems_of(tmp_path / "t.parquet") == ["columns must differ in name, but t has 'a' twice; rename one"]


def test_of_very_many_odd_rows_a_few_are_named(csv):
    problems = problems_of(csv("a,b\n1,2\n" + "3\n" * 1000))
    assert len(problems) == 6 and "row 1 of t has 1;" in problems[0]
    assert problems[-1] == "and 995 more rows of t have another number of cells; mend them"


def test_a_cell_may_be_long(csv):
    text = "word " * 1_000_000
    assert read_table(csv(f'a,b\n1,"{text}"\n2,x\n'))["b"].tolist() == [text.strip(), "x"]


def test_true_and_false_stay_as_they_are_written(csv):
    """What they mean is learnt with the column, so that it does not depend on the rows of this file."""
    assert read_table(csv("a,b\nTrue,true\nFALSE,maybe\n"))["a"].tolist() == ["True", "FALSE"]


def test_columns_of_lists_are_all_named(tmp_path):
    lists = pyarrow.array([[1], [2]])
    parquet.write_table(pyarrow.table({"a": lists, "b": [1, 2], "c": lists}), tmp_path / "t.parquet")
    assert problems_of(tmp_path / "t.parquet") == [
        f"columns must hold numbers, texts, booleans or dates, but {name!r} holds list<element: int64>; "
        "convert or drop it"
        for name in "ac"
    ]


def test_a_parquet_file_cut_at_many_places_is_refused(tmp_path):
    path = tmp_path / "t.parquet"
    parquet.write_table(pyarrow.table({"a": list(range(50))}), path)
    whole = path.read_bytes()
    for size in range(0, len(whole), 97):
        path.write_bytes(whole[:size])
        assert problems_of(path)[0].startswith("t must be a Parquet file, but cannot be read ("), size
