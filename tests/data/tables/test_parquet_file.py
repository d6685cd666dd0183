"""Parquet files that are damaged inside, and those with an index that pandas wrote."""

import json

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from luthier.core.errors import BadInput
from luthier.data.tables import read_table
from luthier.data.tables.parquet_file import list_index_columns

TEXT = pyarrow.string()


def not_utf8(count, bad, kind=TEXT):
    """A column of texts of two letters, of which some are the bytes a, 255."""
    content = b"".join(b"a\xff" if k in bad else b"ab" for k in range(count))
    ends = np.arange(count + 1, dtype=np.int32 if kind == pyarrow.string() else np.int64) * 2
    return pyarrow.Array.from_buffers(kind, count, [None, pyarrow.py_buffer(ends), pyarrow.py_buffer(content)])


def problems_of(path):
    with pytest.raises(BadInput) as caught:
        read_table(path)
    return [problem.replace(str(path), "t") for problem in caught.value.problems]


@pytest.mark.parametrize("kind", [pyarrow.string(), pyarrow.large_string()])
def test_texts_that_are_not_utf8(tmp_path, kind):
    path = tmp_path / "t.parquet"
    parquet.write_table(
        pyarrow.table({"a": not_utf8(9, {1, 4}, kind), "x": range(9), "b": not_utf8(9, {8}, kind)}), path
    )
    assert problems_of(path) == [
        "texts must be UTF-8, but 2 of column a are not: rows 1, 4; write them anew",
        "texts must be UTF-8, but 1 of column b are not: rows 8; write them anew",
    ]


def test_categories_that_are_not_utf8(tmp_path):
    path = tmp_path / "t.parquet"
    coded = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0, 1, 2, 1]), not_utf8(3, {1}))
    parquet.write_table(pyarrow.table({"a": coded}), path)
    assert problems_of(path) == ["t must be a Parquet file, but cannot be read (Invalid UTF8 payload); save it anew"]


def with_index(columns, index, path):
    table = pyarrow.table(columns).replace_schema_metadata(
        {"pandas": index if isinstance(index, bytes) else json.dumps({"index_columns": index})}
    )
    parquet.write_table(table, path)
    return path


@pytest.mark.parametrize(
    ("index", "found"),
    [(["day"], ["day"]), (["a", "__index_level_1__"], ["a", "__index_level_1__"]),
     ([{"kind": "range", "start": 0, "stop": 3, "step": 1}], []), ([], []), (b"no json", []), (b"[]", []),
     ({"kind": "range"}, [])],
)  # fmt: skip
def test_the_index_that_pandas_notes(tmp_path, index, found):
    assert list_index_columns(with_index({"day": [1, 2, 3]}, index, tmp_path / "t.parquet")) == found


def test_a_file_without_a_note_has_no_index(tmp_path):
    parquet.write_table(pyarrow.table({"day": [1]}), tmp_path / "t.parquet")
    (tmp_path / "no.parquet").write_bytes(b"no")
    assert list_index_columns(tmp_path / "t.parquet") == list_index_columns(tmp_path / "no.parquet") == []


def shared(count, text):
    """A column of one text that many rows share, which stands in the file once."""
    return pyarrow.DictionaryArray.from_arrays(pyarrow.array(np.zeros(count, np.int8)), pyarrow.array([text]))


@pytest.mark.parametrize(
    ("count", "text"),
    [(1 << 16, "1.5"), (1 << 11, "x" * 4000), (1 << 10, "y" * 9000)],
    ids=["rows", "letters", "more letters"],
)
def test_what_many_rows_share_is_refused_before_it_is_unpacked(tmp_path, monkeypatch, count, text):
    """A file of some kilobytes stands for megabytes; no more of it is read than there is room for."""
    path = tmp_path / "t.parquet"
    parquet.write_table(pyarrow.table({"a": shared(count, text), "y": ["u", "v"] * (count // 2)}), path)
    assert path.stat().st_size < 1 << 16
    assert len(read_table(path)["y"]) == count
    monkeypatch.setenv("LUTHIER_MEGABYTES", "5")
    (problem,) = problems_of(path)
    assert problem.startswith(
        "t must take at most 5 MB of memory (as LUTHIER_MEGABYTES says), but by its header takes "
    )
