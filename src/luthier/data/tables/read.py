"""Reads files of tables as columns: numbers where the file says so, else texts; nothing is interpreted yet."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from luthier.core.errors import BadInput, raise_all
from luthier.data.config import Header
from luthier.data.suffixes import is_text_table
from luthier.data.tables.columns import EXACT, Table, read_column
from luthier.data.tables.header import are_made, make_names
from luthier.data.tables.parquet_file import find_undecoded, read_parquet
from luthier.data.tables.readings import NULLS
from luthier.data.tables.schema import Schema
from luthier.data.tables.text_file import read_text_table

SHOWN = 5


def read_table(path: Path, header: Header = "auto", schema: Schema | None = None) -> Table:
    """Read a table as text or a Parquet file.

    Names and texts are taken without the space around them. Text: UTF-8; commas, semicolons, tabs or bars between the
    cells, whichever the first row has most of, or spaces between all of them. Missing is what is empty, or NA, N/A,
    NaN, null or None without quotes, in any case. Dates in Parquet become texts as ISO 8601 writes them, booleans true
    and false.

    header: whether the first row of a text names the columns, which are else called column_0 and so on; auto looks at
        it. schema: what the columns of an earlier table mean, whose names are looked for.
    Raises BadInput with every problem: rows are numbered from 0 below the header.
    """
    if is_text_table(path):
        found, columns = read_text_table(path, header, schema.given if schema else ())
    else:
        columns = read_parquet(path)
        found = columns.column_names
    names = [name.strip() or f"column {k}" for k, name in enumerate(found)]
    problems = [*_list_twins(names, path), *(_miscount(names, path, schema) if schema and are_made(names) else [])]
    table = {name: _plain(name, column, problems) for name, column in zip(names, columns.columns, strict=True)}
    raise_all(problems)
    if not columns.num_rows:
        raise BadInput(f"a table must have rows, but {path} has none; add some")
    return table


def _list_twins(names: list[str], path: Path) -> list[str]:
    other = ", or say data.header = false where the first row is no header" if is_text_table(path) else ""
    return [
        f"columns must differ in name, but {path} has {name!r} twice; rename one{other}"
        for name in sorted(name for name, count in Counter(names).items() if count > 1)
    ]


def _miscount(names: list[str], path: Path, schema: Schema) -> list[str]:
    """Describe the problem of columns that go by their place and are not all there; a target at the end may lack."""
    count = len(schema.given)
    if not are_made(schema.given) or len(names) == count or make_names(count) == [*names, schema.target]:
        return []
    return [
        f"a table without a header must have all {count} columns in their order, the target {schema.target} among "
        f"them, but {path} has {len(names)}; add what is missing, empty where it is not known"
    ]


def _plain(name: str, column: Any, problems: list[str]) -> np.ndarray:
    """Convert an Arrow column to float64 or texts."""
    import pyarrow
    from pyarrow import types

    kind = column.type
    if types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if any(one(kind) for one in (types.is_string, types.is_large_string, types.is_string_view, types.is_boolean)):
        return _decode(name, column if types.is_large_string(kind) else column.cast(pyarrow.string()), problems)
    if types.is_timestamp(kind) or types.is_date(kind):
        return read_column(name, column.cast(pyarrow.timestamp("us"), safe=False).to_numpy(), problems)
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_null(kind):
        numbers = np.asarray(column.cast(pyarrow.float64(), safe=False).to_numpy(), np.float64).copy()
        exact = types.is_floating(kind) or getattr(kind, "scale", 0) or not (np.abs(numbers) >= EXACT).any()
        return numbers if exact else _texts(column.cast(pyarrow.string()))
    problems.append(
        f"columns must hold numbers, texts, booleans or dates, but {name!r} holds {kind}; convert or drop it"
    )
    return np.zeros(len(column))


def _decode(name: str, column: Any, problems: list[str]) -> np.ndarray:
    try:
        return _texts(column)
    except UnicodeDecodeError:
        rows = find_undecoded(column)
        some = ", ".join(map(str, rows[:SHOWN])) + (", ..." if len(rows) > SHOWN else "")
        problems.append(f"texts must be UTF-8, but {len(rows)} of column {name} are not: rows {some}; write them anew")
        return np.zeros(len(column))


def _texts(column: Any) -> np.ndarray:
    """Strip the space around texts; what is empty then, or is a word for missing beside the space, is missing."""

    def strip(text: str) -> str | None:
        plain = text.strip()
        return None if not plain or (plain != text and plain in MISSING) else plain

    return np.asarray([None if text is None else strip(text) for text in column.to_pylist()], dtype=object)


MISSING = frozenset(NULLS)
