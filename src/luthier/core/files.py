"""Files that are either whole or absent, whatever happens while they are written; a lock for a directory."""

import errno
import fcntl
import hashlib
import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from luthier.core.errors import BadInput, DamagedFile

CHUNK = 1 << 20


TEMPORARY = ".tmp"


SEAL = "seal"


def write_atomic(path: Path, content: bytes) -> str:
    """Write a file so that a crash at any moment leaves the old content or the new, and return its SHA-256.

    Temporary file in the same directory, fsync, read back, rename, fsync of the directory.
    """
    temporary = path.with_name(f".{path.name}{TEMPORARY}")
    with name_in_errors(path):
        try:
            _write_synced(temporary, content)
            digest = hashlib.sha256(content).hexdigest()
            if sha256(temporary) != digest:
                raise DamagedFile(f"{path} could not be written: what was read back differs; check the disk")
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_directory(path.parent)
    return digest


@contextmanager
def name_in_errors(path: Path) -> Iterator[None]:
    """Add the path to an error of the system that names no file, such as that of a write on a full disk."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def _write_synced(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view[:CHUNK]) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_directory(path: Path) -> None:
    """Sync the names in a directory to the disk, so that they survive a loss of power (POSIX)."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_zeros(path: Path, size: int) -> None:
    """Make a file of `size` zero bytes, to be filled; raise OSError where the disk has no room for them."""
    if shutil.disk_usage(path.parent).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    with path.open("wb") as file:
        file.truncate(size)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, read in chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def write_json(path: Path, value: Any) -> str:
    """Write a value as readable JSON, atomically, and return the file's SHA-256."""
    return write_atomic(path, _encode(value))


def _encode(value: Any, in_order: bool = False) -> bytes:
    """Encode a value as readable JSON, keys sorted by name, or in the order that they have."""
    return json.dumps(value, indent=2, sort_keys=not in_order, allow_nan=False).encode() + b"\n"


def write_sealed(path: Path, values: dict[str, Any]) -> str:
    """Write a table as JSON, its keys in their order, with its own SHA-256 inside; return the file's SHA-256."""
    return write_atomic(path, _seal(values))


def read_sealed(path: Path) -> dict[str, Any]:
    """Read what `write_sealed` wrote; raise DamagedFile where a single byte differs."""
    content = read_json(path)
    values = {key: value for key, value in content.items() if key != SEAL} if isinstance(content, dict) else {}
    try:
        whole = path.read_bytes() in (_seal(values), _seal(values, in_order=False))  # as the first files were
    except (ValueError, RecursionError):  # numbers or brackets beyond all bounds
        whole = False
    if not whole:
        raise DamagedFile(f"{path} does not match its own seal; it was altered or torn")
    return values


def _seal(values: dict[str, Any], in_order: bool = True) -> bytes:
    return _encode({**values, SEAL: hashlib.sha256(_encode(values, in_order)).hexdigest()}, in_order)


def read_json(path: Path) -> Any:
    """Read a JSON file; raise DamagedFile, which names the file, where it does not parse."""
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DamagedFile(f"{path} is not readable JSON ({error}); restore it or start the run anew") from None


def make_directory(path: Path) -> None:
    """Create a directory and write a test file in it, so that an unusable place is found before any work is done."""
    probe = path / f".probe-{os.getpid()}{TEMPORARY}"  # a name of its own: others may be trying the same place
    try:
        missing = [parent for parent in (path, *path.parents) if not parent.exists()]
        path.mkdir(parents=True, exist_ok=True)
        for directory in missing:  # a directory whose own name is lost with the power takes everything in it along
            sync_directory(directory.parent)
        try:
            write_atomic(probe, b"probe")
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(
            f"the output directory must be writable, but {path} is not ({reason}); choose another with --out"
        ) from None


NAME = ".lock"


@contextmanager
def hold_lock(directory: Path) -> Iterator[None]:
    """Hold the lock of a directory; raise BadInput, which names the holder, where another process has it (POSIX flock).

    The kernel drops the lock with the process, so a lock file left by a killed run is no obstacle.
    """
    with _open(directory) as descriptor:
        holder = _take(descriptor)
        if holder is not None:
            raise BadInput(
                f"one process at a time may write a run, but {directory} is in use by {holder}; "
                "wait for it or choose another --out"
            )
        yield


@contextmanager
def wait_for_lock(directory: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Wait for the lock of a directory and hold it; where one must wait, call `waiting` with the name of the holder."""
    with _open(directory) as descriptor:
        holder = _take(descriptor)
        if holder is not None:
            waiting(holder)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            _sign(descriptor)
        yield


@contextmanager
def _open(directory: Path) -> Iterator[int]:
    descriptor = os.open(directory / NAME, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> str | None:
    """Take the lock, or return who has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _name_holder(os.read(descriptor, 1000))
    _sign(descriptor)
    return None


def _name_holder(signature: bytes) -> str:
    """Return in words who holds the lock; a process that has only just taken it has not written its name yet."""
    try:
        owner = json.loads(signature)
        return f"process {owner['pid']} on {owner['host']} (since {owner['started']})"
    except (ValueError, TypeError, LookupError):
        return "another process"


def _sign(descriptor: int) -> None:
    os.ftruncate(descriptor, 0)
    started = datetime.now(UTC).isoformat(timespec="seconds")
    owner = {"pid": os.getpid(), "host": socket.gethostname(), "started": started}
    os.pwrite(descriptor, json.dumps(owner).encode() + b"\n", 0)


def find_user_cache() -> Path:
    """Return the folder of Luthier in the user's cache: below $XDG_CACHE_HOME, else ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "luthier"
