"""The trials of a study in one file (Optuna's journal, made to survive a kill at any byte) or in a database."""

import fcntl
import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from optuna.exceptions import ExperimentalWarning
from optuna.storages import BaseStorage, JournalStorage
from optuna.storages.journal import BaseJournalBackend

from luthier.core.errors import BadInput, DamagedFile, LuthierError
from luthier.core.files import name_in_errors, sync_directory
from luthier.core.links import open_in_place
from luthier.core.lock import check_held
from luthier.core.secrets import has_password, hide_in, hide_password, is_ambiguous

if TYPE_CHECKING:
    from optuna.storages import RDBStorage


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
            check_held(self._path)
            os.close(open_in_place(self._path, os.O_WRONLY | os.O_CREAT))
            sync_directory(self._path.parent)

    def read_logs(self, log_number_from: int) -> list[Record]:
        """Read the records from a number on, counted from 0."""
        first = min(log_number_from, len(self._starts) - 1)
        with self._lock(os.O_RDONLY, fcntl.LOCK_SH) as descriptor:
            return self._read_on(descriptor, first)[log_number_from - first :]

    def append_logs(self, logs: list[Record]) -> None:
        """Write records behind the last whole one and make them survive a loss of power."""
        lines = b"".join(_seal(log) for log in logs)
        check_held(self._path)
        with name_in_errors(self._path), self._lock(os.O_RDWR | os.O_APPEND, fcntl.LOCK_EX) as descriptor:
            self._read_on(descriptor, len(self._starts) - 1)
            self._cut_off_behind(descriptor, self._starts[-1])
            _write(descriptor, lines)

    @contextmanager
    def _lock(self, flags: int, kind: int) -> Iterator[int]:
        descriptor = open_in_place(self._path, flags)
        try:
            fcntl.flock(descriptor, kind)
            yield descriptor
        finally:
            os.close(descriptor)

    def _read_on(self, descriptor: int, first: int) -> list[Record]:
        """Read from a known record to the last whole one, and note where each begins."""
        del self._starts[first + 1 :]
        lines = list(BytesIO(_read_rest(descriptor, self._starts[first])))
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
        torn = _read_rest(descriptor, end)
        if torn:
            _append(self._path.with_name(self._path.name + TORN), torn + b"\n")
            os.ftruncate(descriptor, end)


def _seal(record: Record) -> bytes:
    return _encode({**record, SEAL: crc32(_encode(record))}) + b"\n"


def _encode(record: Record) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode()


def _open(line: bytes) -> Record | None:
    """Read the record of a line; None where it is torn or altered."""
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


def _read_rest(descriptor: int, start: int) -> bytes:
    """Read what a file holds from a byte on."""
    with open(descriptor, "rb", closefd=False) as file:
        file.seek(start)
        return file.read()


def _append(path: Path, content: bytes) -> None:
    descriptor = open_in_place(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
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


JOURNAL = "trials.journal"


@contextmanager
def open_storage(root: Path, url: str | None) -> Iterator[BaseStorage]:
    """Open the storage of a study for the length of a block.

    root: the study's directory, which exists. url: of a database, such as postgresql://user@host/name; None is a
        journal file in the directory.
    Raises BadInput where the database cannot be reached or the package for it is missing, LuthierError where it goes
    away later: what it holds by then is gone on with.
    """
    if url is None:
        with warnings.catch_warnings(action="ignore", category=ExperimentalWarning):
            journal = _open_journal(root / JOURNAL)
        yield journal
        return
    database = _open_database(url)
    with _explain_loss(root, url):
        try:
            yield database
        finally:
            database.remove_session()
            database.engine.dispose()


def _open_journal(path: Path) -> JournalStorage:
    """Open a journal; raise DamagedFile where its records, each as it was written, are not those of studies."""
    backend = GuardedJournal(path)
    try:
        return JournalStorage(backend)
    except (LuthierError, OSError):
        raise
    except Exception as error:  # whatever Optuna meets in what it was not made for
        raise DamagedFile(
            f"{path} does not hold the trials of a study ({error!r}); restore it or start the study anew"
        ) from None


def _open_database(url: str) -> "RDBStorage":
    from optuna.storages import RDBStorage
    from sqlalchemy.exc import SQLAlchemyError

    if is_ambiguous(url):
        raise BadInput(
            f"--storage must be an address with one @, before its host, but {hide_password(url)} has more of them; "
            "write those of the user's name and password as %40"
        )
    try:
        return RDBStorage(add_driver(url))
    except ImportError:
        raise BadInput(
            f"--storage needs the driver of its database, but there is none for {hide_password(url)}; that of "
            "Postgres comes with pip install 'luthier[postgres]'"
        ) from None
    except (SQLAlchemyError, ValueError, RuntimeError) as error:  # RuntimeError: tables of another version of Optuna
        raise BadInput(
            f"--storage must be a database that can be reached, but {hide_password(url)} cannot "
            f"({_first(error, url)}); start it, mend the address, or leave --storage out for a file in the study's "
            "directory"
        ) from None


@contextmanager
def _explain_loss(root: Path, url: str) -> Iterator[None]:
    """Say in a line that a database went away."""
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, StorageInternalError) as error:
        raise LuthierError(
            f"the study's database {hide_password(url)} no longer answers ({_first(error, url)}); "
            f"what it holds is kept; once it is back, go on with: luthier tune --resume {root}"
        ) from None


def _first(error: Exception, url: str) -> str:
    """Return the first line of what a driver says, which may repeat the address or parts of it."""
    told = str(error.__cause__ or error).strip() or type(error).__name__
    return hide_in(told.splitlines()[0].rstrip("."), url)


def add_driver(url: str) -> str:
    """Name the driver that Luthier's extra installs where an address of Postgres names none.

    >>> add_driver("postgresql://me@host/studies")
    'postgresql+psycopg://me@host/studies'
    """
    return url.replace("postgresql://", "postgresql+psycopg://", 1) if url.startswith("postgresql://") else url


def choose_address(kept: str | None, given: str | None) -> str | None:
    """Choose the address of the database of a study that is resumed: the one given, or that in the study's file.

    Raises BadInput where the study has no database, and where its address was kept without the password it had.

    >>> choose_address("postgresql://me@host/studies", None)
    'postgresql://me@host/studies'
    """
    if kept is None and given is not None:
        raise BadInput(
            f"--storage goes on with the database of a study, but this one keeps its trials in its directory, and got "
            f"{hide_password(given)}; leave it out"
        )
    if kept is not None and given is None and has_password(kept):
        raise BadInput(
            f"the password of a study's database is not kept, but {kept} has one; give it with --storage URL"
        )
    return given or kept
