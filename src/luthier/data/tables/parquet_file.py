"""Reads a Parquet file as columns of Arrow; tells those that pandas wrote as the index of its rows."""

import json
from pathlib import Path
from typing import Any

from luthier.core.errors import BadInput
from luthier.core.memory import TEXT, check_room
from luthier.data.suffixes import is_text_table

NUMBER = 16
"""Bytes that a number takes: as Arrow reads it, and as float64."""


def read_parquet(path: Path) -> Any:
    """Read a Parquet file as an Arrow table.

    Raises BadInput where it is none, and with every column that holds a text that is not UTF-8.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        check_room(path, _estimate(file.metadata))
        return file.read()
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:  # the last of a column's name
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(f"{path} must be a Parquet file, but cannot be read ({reason}); save it anew") from None


def _estimate(metadata: Any) -> int:
    """Estimate the bytes that the columns of a Parquet file take, from its footer.

    A text that many rows share stands there once, so that its length is known only by the least and greatest text.
    """
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    return sum(_estimate_chunk(group.column(place)) for group in groups for place in range(group.num_columns))


def _estimate_chunk(chunk: Any) -> int:
    values = max(0, int(chunk.num_values))
    if chunk.physical_type not in ("BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"):
        return NUMBER * values
    known = chunk.statistics if chunk.is_stats_set else None
    ends = (known.min_raw, known.max_raw) if known is not None and known.has_min_max else ()
    longest = max(map(len, ends), default=0)
    return TEXT * values + 2 * max(int(chunk.total_uncompressed_size), longest * values)


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
