"""Reads a Parquet file as columns of Arrow; tells those that pandas wrote as the index of its rows."""

import json
from pathlib import Path
from typing import Any

from luthier.core.errors import BadInput
from luthier.core.memory import TEXT, check_room
from luthier.data.suffixes import is_text_table

NUMBER = 16
"""Bytes that a number takes as Arrow reads it, and as float64."""


def read_parquet(path: Path) -> Any:
    """Read a Parquet file as an Arrow table.

    Raises BadInput where it is none, and with every column that holds a text that is not UTF-8.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        size = _estimate(file)
        check_room(path, size)
        plain, batches = pyarrow.schema(map(_spread, file.schema_arrow)), []
        for packed in file.iter_batches():
            batches.append(packed.cast(plain))
            size += batches[-1].nbytes  # a text that rows share stands in the file once: its length is seen here
            check_room(path, size)
        return pyarrow.Table.from_batches(batches, plain)
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:  # the last of a column's name
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(f"{path} must be a Parquet file, but cannot be read ({reason}); save it anew") from None


def _spread(field: Any) -> Any:
    """Let a column that names its values once hold a value in each row."""
    from pyarrow import types

    return field.with_type(field.type.value_type) if types.is_dictionary(field.type) else field


def _estimate(file: Any) -> int:
    """Estimate the bytes that the rows of a Parquet file take beside the letters of their texts, from its footer."""
    from pyarrow import types

    widths = [NUMBER if types.is_primitive(kind) else TEXT for kind in file.schema_arrow.types]
    return int(file.metadata.num_rows) * sum(widths)


def find_undecoded(column: Any) -> list[int]:
    """Find the rows of a column of texts that are not UTF-8."""
    import pyarrow

    large = pyarrow.types.is_large_string(column.type)
    binary = column.cast(pyarrow.large_binary() if large else pyarrow.binary())
    return [row for row, content in enumerate(binary.to_pylist()) if content is not None and not _is_utf8(content)]


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def list_index_columns(path: Path) -> list[str]:
    """List the columns that hold the index of a frame, as pandas notes them in a Parquet file; none in any other."""
    if is_text_table(path):
        return []
    import pyarrow
    from pyarrow import parquet

    try:
        noted = parquet.read_schema(path).metadata or {}
        index = json.loads(noted.get(b"pandas", b"{}")).get("index_columns", [])
    except (pyarrow.ArrowException, OSError, ValueError, AttributeError):
        return []  # a damaged note says nothing; a damaged file is refused by who reads it
    return [name.strip() for name in index if isinstance(name, str)] if isinstance(index, list) else []
