"""The history file: one JSON object a line, never ahead of its checkpoint for long."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from luthier.core.errors import DamagedFile
from luthier.core.files import parse_json, sync_directory
from luthier.core.links import open_in_place, write_all
from luthier.core.lock import check_held

Row = dict[str, Any]


DIVERGED = "diverged"
"""The kind of the row that ends the history of a training that met what is not finite."""


Mark = dict[str, Any]
"""What a checkpoint notes of the history that it counts on: its `bytes` and their `sha256`."""


class History:
    """Appends rows to history.jsonl.

    size: bytes that the last checkpoint counts on; what a lost process wrote after them is cut off.
    """

    def __init__(self, path: Path, size: int = 0) -> None:
        self.path = path
        self.size = size
        with self._open(os.O_CREAT) as descriptor:
            os.ftruncate(descriptor, size)
            self._digest = hashlib.sha256(path.read_bytes())

    def append(self, rows: list[Row]) -> None:
        """Append rows, one JSON object a line."""
        lines = b"".join(json.dumps(row, allow_nan=False).encode() + b"\n" for row in rows)
        with self._open() as descriptor:
            write_all(descriptor, lines, self.size)
        self.size += len(lines)
        self._digest.update(lines)

    def mark(self) -> Mark:
        """Return what a checkpoint stores to find this state of the file again."""
        return {"bytes": self.size, "sha256": self._digest.hexdigest()}

    def sync(self) -> None:
        """Sync the file to the disk, so that what was added survives a loss of power."""
        with self._open() as descriptor:
            os.fsync(descriptor)
        sync_directory(self.path.parent)

    @contextmanager
    def _open(self, flags: int = 0) -> Iterator[int]:
        """Open the file for the length of a block, where it is still this run's own."""
        check_held(self.path)
        descriptor = open_in_place(self.path, os.O_RDWR | flags)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def check_begins(path: Path, mark: Mark) -> None:
    """Raise DamagedFile where a history does not begin with the rows that a checkpoint counts on."""
    content = path.read_bytes()[: mark["bytes"]] if path.is_file() else b""
    if len(content) < mark["bytes"]:
        raise DamagedFile(
            f"{path} must hold the {mark['bytes']} bytes its checkpoint counts on, but holds {len(content)}"
        )
    if hashlib.sha256(content).hexdigest() != mark["sha256"]:
        raise DamagedFile(f"{path} does not match the checksum in its checkpoint; it was altered")


def read_rows(path: Path) -> list[Row]:
    """Read the rows of a history so far, without a last line that a lost process left torn; none of no file.

    Raises DamagedFile, with file and line, where a line is no row.
    """
    lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
    rows = []
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n") and number == len(lines):
            break
        row = read_row(line)
        if row is None:
            raise DamagedFile(
                f"{path} line {number} is not a row of a history; restore the file, or go on from the last checkpoint "
                f"that it fits with: luthier resume {path.parent}"
            )
        rows.append(row)
    return rows


LARGEST = 1 << 53
"""Whole numbers beyond it count nothing, and most cannot be converted to a float."""


COUNTED = ("train", "validation")
"""Kinds of rows that come after a step."""


def read_row(line: bytes) -> Row | None:
    """Read a line of a history; None where it is no row: its kind, step and epoch, and numbers that can be drawn."""
    try:
        row = parse_json(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and _is_row(row) else None


def _is_row(row: Row) -> bool:
    phases, layers = row.get("seconds_by_phase", {}), row.get("health", {})
    figures = layers.values() if isinstance(layers, dict) else [None]
    return (
        isinstance(row.get("kind"), str)
        and isinstance(row.get("message", ""), str)
        and all(isinstance(row.get(name), int) and row[name] >= 0 for name in ("step", "epoch"))
        and (row["step"] > 0 or row["kind"] not in COUNTED)
        and all(_is_small(value) for value in row.values())
        and all(isinstance(one, dict) and all(map(_is_number, one.values())) for one in (phases, *figures))
        and None not in phases.values()
    )


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and _is_small(value))


def _is_small(value: Any) -> bool:
    return not isinstance(value, int) or abs(value) <= LARGEST
