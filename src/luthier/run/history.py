"""The history file: one JSON object a line, never ahead of its checkpoint for long."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from luthier.core.errors import DamagedFile
from luthier.core.files import sync_directory

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
        with path.open("a+b") as file:
            file.truncate(size)
            file.seek(0)
            self._digest = hashlib.sha256(file.read())

    def append(self, rows: list[Row]) -> None:
        """Append rows, one JSON object a line."""
        lines = b"".join(json.dumps(row, allow_nan=False).encode() + b"\n" for row in rows)
        with self.path.open("ab") as file:
            file.write(lines)
        self.size += len(lines)
        self._digest.update(lines)

    def mark(self) -> Mark:
        """Return what a checkpoint stores to find this state of the file again."""
        return {"bytes": self.size, "sha256": self._digest.hexdigest()}

    def sync(self) -> None:
        """Sync the file to the disk, so that what was added survives a loss of power."""
        descriptor = os.open(self.path, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_directory(self.path.parent)


def check_begins(path: Path, mark: Mark) -> None:
    """Raise DamagedFile where a history does not begin with the rows that a checkpoint counts on."""
    content = path.read_bytes()[: mark["bytes"]] if path.is_file() else b""
    if len(content) < mark["bytes"]:
        raise DamagedFile(
            f"{path} must hold the {mark['bytes']} bytes its checkpoint counts on, but holds {len(content)}"
        )
    if hashlib.sha256(content).hexdigest() != mark["sha256"]:
        raise DamagedFile(f"{path} does not match the checksum in its checkpoint; it was altered")
