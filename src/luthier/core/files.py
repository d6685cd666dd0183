"""Files that are either whole or absent, whatever happens while they are written."""

import errno
import hashlib
import json
import math
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from luthier.core.errors import BadInput, DamagedFile, LostDirectory
from luthier.core.lock import check_held

CHUNK = 1 << 20


TEMPORARY = ".tmp"


SEAL = "seal"


def write_atomic(path: Path, content: bytes) -> str:
    """Write a file so that a crash at any moment leaves the old content or the new, and return its SHA-256.

    Temporary file in the same directory, fsync, read back, rename, fsync of the directory. In a directory that this
    process has locked, nothing is written where `check_held` raises.
    """
    temporary = path.with_name(f".{path.name}{TEMPORARY}")
    check_held(path)
    with name_in_errors(path):
        try:
            _write_synced(temporary, content)
            digest = hashlib.sha256(content).hexdigest()
            if sha256(temporary) != digest:
                raise DamagedFile(f"{path} could not be written: what was read back differs; check the disk")
            check_held(path)
            os.replace(temporary, path)
        except (BadInput, LostDirectory):
            raise  # a temporary file of that name would be another's now
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
        return parse_json(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DamagedFile(f"{path} is not readable JSON ({error}); restore it or start the run anew") from None


def parse_json(content: bytes) -> Any:
    """Parse JSON whose numbers are all finite, as all that Luthier writes.

    Raises ValueError where it is none, RecursionError where it is nested beyond reason.
    """
    return json.loads(content, parse_constant=_refuse, parse_float=_finite)


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _refuse(text)


def _refuse(text: str) -> float:
    raise ValueError(f"numbers must be finite, but got {text}")


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


def find_user_cache() -> Path:
    """Return the folder of Luthier in the user's cache: below $XDG_CACHE_HOME, else ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "luthier"
