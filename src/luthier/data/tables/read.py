"""Reads files of tables as columns: numbers where the file says so, else texts; nothing is interpreted yet."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from luthier.core.errors import BadInput, raise_all
from luthier.data.tables.columns import EXACT, Table, read_column
from luthier.data.tables.readings import NULLS

SUFFIXES = (".csv", ".parquet")


DELIMITERS = ",;\t|"


SHOWN = 5


BLOCK = 1 << 26
"""Bytes read at once: a row must lie in one or two blocks."""


def is_table(file: Path) -> bool:
    """Return whether a file holds a table, by its name."""
    return file.suffix.lower() in SUFFIXES


def read_table(path: Path) -> Table:
    """Read a CSV or Parquet file.

    Names and texts are taken without the space around them. CSV: UTF-8 with a header; commas, semicolons, tabs or bars
    between, whichever the header has most of. Missing is what is empty, or NA, N/A, NaN, null or None without quotes,
    in any case. Dates in Parquet become texts as ISO 8601 writes them, booleans true and false.
    Raises BadInput with every problem: rows are numbered from 0 below the header.
    """
    columns = _csv(path) if path.suffix.lower() == ".csv" else _parquet(path)
    names = [name.strip() or f"column {k}" for k, name in enumerate(columns.column_names)]
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    problems = [f"columns must differ in name, but {path} has {name!r} twice; rename one" for name in twice]
    table = {name: _plain(name, column, problems) for name, column in zip(names, columns.columns, strict=True)}
    raise_all(problems)
    if not columns.num_rows:
        raise BadInput(f"a table must have rows, but {path} has none; add some")
    return table


def _csv(path: Path) -> Any:
    import pyarrow
    from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions, read_csv

    names, delimiter = _header(path)
    bad: list[str] = []

    def note(row: Any) -> str:
        bad.append(
            f"every row must have the {row.expected_columns} cells of the header, but row {row.number - 2} of {path} "
            f"has {row.actual_columns}; mend it, or quote cells that hold a {delimiter!r}"
        )
        return "skip"

    types = {name: pyarrow.string() for name in names}
    try:
        found = read_csv(
            path,
            ReadOptions(use_threads=False, block_size=BLOCK),  # with threads rows have no numbers
            ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note),
            ConvertOptions(
                column_types=types, null_values=NULLS, strings_can_be_null=True, quoted_strings_can_be_null=False
            ),
        )
    except (pyarrow.ArrowException, OSError) as error:
        raise _unreadable(path, "CSV file in UTF-8", error) from None
    more = [f"and {len(bad) - SHOWN} more rows of {path} have another number of cells; mend them"]
    raise_all(bad if len(bad) <= SHOWN else bad[:SHOWN] + more)
    return found


def _header(path: Path) -> tuple[list[str], str]:
    """Return the names of the columns, and the separator between them."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            line = file.readline()
            delimiter = max(DELIMITERS, key=line.count)
            file.seek(0)
            names = next(csv.reader(file, delimiter=delimiter), [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, "CSV file in UTF-8", error) from None
    if not names:
        raise BadInput(f"a CSV file must begin with the names of its columns, but {path} is empty; add a header")
    return names, delimiter


def _parquet(path: Path) -> Any:
    import pyarrow
    from pyarrow import parquet

    try:
        return parquet.ParquetFile(path).read()
    except (pyarrow.ArrowException, OSError) as error:
        raise _unreadable(path, "Parquet file", error) from None


def _unreadable(path: Path, kind: str, error: Exception) -> BadInput:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return BadInput(f"{path} must be a {kind}, but cannot be read ({reason}); save it anew")


def _plain(name: str, column: Any, problems: list[str]) -> np.ndarray:
    """Convert an Arrow column to float64 or texts."""
    import pyarrow
    from pyarrow import types

    kind = column.type
    if types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if any(one(kind) for one in (types.is_string, types.is_large_string, types.is_string_view, types.is_boolean)):
        return _texts(column.cast(pyarrow.string()))
    if types.is_timestamp(kind) or types.is_date(kind):
        return read_column(name, column.cast(pyarrow.timestamp("us"), safe=False).to_numpy(), problems)
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_null(kind):
        numbers = _floats(column)
        exact = types.is_floating(kind) or getattr(kind, "scale", 0) or not (np.abs(numbers) >= EXACT).any()
        return numbers if exact else _texts(column.cast(pyarrow.string()))
    problems.append(
        f"columns must hold numbers, texts, booleans or dates, but {name!r} holds {kind}; convert or drop it"
    )
    return np.zeros(len(column))


def _floats(column: Any) -> np.ndarray:
    import pyarrow

    return np.asarray(column.cast(pyarrow.float64(), safe=False).to_numpy(), np.float64).copy()


def _texts(column: Any) -> np.ndarray:
    """Strip the space around texts; what is empty then is missing."""
    return np.asarray([text.strip() or None if text is not None else None for text in column.to_pylist()], dtype=object)
