"""The history file: one JSON object a line, never ahead of its checkpoint for long."""

import json
import os
from pathlib import Path
from typing import Any

from luthier.core.errors import DamagedFile
from luthier.core.files import sync_directory

Row = dict[str, Any]


class History:
    """Appends rows to history.jsonl, and cuts off what a lost process wrote after its last checkpoint."""

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self.size = size
        with path.open("ab") as file:
            if file.tell() < size:
                raise DamagedFile(
                    f"{path} must hold the {size} bytes its checkpoint counts on, but holds {file.tell()}; "
                    "restore it or start anew"
                )
            file.truncate(size)

    def append(self, rows: list[Row]) -> None:
        """Add rows, one JSON object a line."""
        lines = b"".join(json.dumps(row, allow_nan=False).encode() + b"\n" for row in rows)
        with self.path.open("ab") as file:
            file.write(lines)
        self.size += len(lines)

    def sync(self) -> None:
        """Make what was added survive a loss of power."""
        descriptor = os.open(self.path, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_directory(self.path.parent)
