"""The trials of a study in one file: Optuna's journal, made to survive a kill at any byte."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from zlib import crc32

from optuna.storages.journal import BaseJournalBackend

from luthier.core.errors import DamagedFile
from luthier.core.files import naming, sync_directory

SEAL = "crc32"
TORN = ".torn"
Record = dict[str, Any]


class GuardedJournal(BaseJournalBackend):
    """A file of records, one JSON object a line, that Optuna's own JournalFileBackend reads as well.

    path: the file; it is created where it is missing, and its folder must be there.

    A process that is killed while it appends may leave the beginning of a record behind. It was never reported as
    written, and is not read. The next one to append cuts it off and keeps it in a file beside whose name ends in .torn;
    Optuna's backend would write on behind it, and the file could never be read again. The same is done with a last line
    that a loss of power left unreadable.
    Each record carries a checksum of its own, which other readers pass over; records without one, written by other
    programs, are taken as they are.
    The lock is that of the kernel on the file itself (POSIX flock): it dies with its process. Other programs do not ask
    for it: they may read a study while it runs, and should not write.
    Raises DamagedFile, with file and line, where a record that others follow is not what was written.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "trials.journal"
    >>> GuardedJournal(path).append_logs([{"op_code": 0}])
    >>> GuardedJournal(path).read_logs(0)
    [{'op_code': 0}]
    """

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        self._starts = [0]  # where each known record begins, and where the last one ends
        if not self._path.exists():
            self._path.touch()
            sync_directory(self._path.parent)

    def read_logs(self, log_number_from: int) -> list[Record]:
        """Read the records from a number on, counted from 0."""
        first = min(log_number_from, len(self._starts) - 1)
        with self._lock(os.O_RDONLY, fcntl.LOCK_SH) as descriptor:
            return self._read_on(descriptor, first)[log_number_from - first :]

    def append_logs(self, logs: list[Record]) -> None:
        """Write records behind the last whole one and make them survive a loss of power."""
        lines = b"".join(_seal(log) for log in logs)
        with naming(self._path), self._lock(os.O_RDWR | os.O_APPEND, fcntl.LOCK_EX) as descriptor:
            self._read_on(descriptor, len(self._starts) - 1)
            self._cut_off_behind(descriptor, self._starts[-1])
            _write(descriptor, lines)

    @contextmanager
    def _lock(self, flags: int, kind: int) -> Iterator[int]:
        descriptor = os.open(self._path, flags)
        try:
            fcntl.flock(descriptor, kind)
            yield descriptor
        finally:
            os.close(descriptor)

    def _read_on(self, descriptor: int, first: int) -> list[Record]:
        """Read from a known record to the last whole one, and note where each begins."""
        del self._starts[first + 1 :]
        lines = list(BytesIO(_rest(descriptor, self._starts[first])))
        records = [_open(line) for line in lines]
        if records and records[-1] is None:
            records.pop()
        for number, (line, record) in enumerate(zip(lines, records, strict=False), first + 1):
            if record is None:
                raise DamagedFile(
                    f"{self._path}, line {number} is not the record that was written there; restore the file or start "
                    "the study anew"
                )
            self._starts.append(self._starts[-1] + len(line))
        return [record for record in records if record is not None]

    def _cut_off_behind(self, descriptor: int, end: int) -> None:
        """Move what lies behind the last whole record, if anything, to the file beside."""
        torn = _rest(descriptor, end)
        if torn:
            _append(self._path.with_name(self._path.name + TORN), torn + b"\n")
            os.ftruncate(descriptor, end)


def _seal(record: Record) -> bytes:
    return _encode({**record, SEAL: crc32(_encode(record))}) + b"\n"


def _encode(record: Record) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode()


def _open(line: bytes) -> Record | None:
    """The record of a line, or None where it is torn or altered."""
    if not line.endswith(b"\n"):
        return None
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    seal = record.pop(SEAL, None)
    return record if seal in (None, crc32(_encode(record))) else None


def _rest(descriptor: int, start: int) -> bytes:
    """What a file holds from a byte on."""
    with open(descriptor, "rb", closefd=False) as file:
        file.seek(start)
        return file.read()


def _append(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    try:
        _write(descriptor, content)
    finally:
        os.close(descriptor)
    sync_directory(path.parent)


def _write(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    os.fsync(descriptor)
