"""Versions of Luthier that do one thing wrong: a test that cannot tell them from the right one is worth nothing."""

import os
import stat
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from luthier.core import files


def weaken(names: list[str]) -> None:
    """Break this process; to be called after the disk is watched."""
    for name in names:
        WEAK[name]()


def _write_direct(path: Path, content: bytes) -> str:
    """Write to the file itself, as many programs do."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    os.write(descriptor, content)
    os.fsync(descriptor)
    os.close(descriptor)
    files.sync_directory(path.parent)
    return sha256(content).hexdigest()


def _rename() -> None:
    right = files.write_atomic
    for name, module in list(sys.modules.items()):
        if name.startswith("luthier") and getattr(module, "write_atomic", None) is right:
            module.write_atomic = _write_direct  # type: ignore[attr-defined]


def _without_fsync(of: Callable[[int], bool]) -> None:
    right = os.fsync
    os.fsync = lambda descriptor: None if of(os.fstat(descriptor).st_mode) else right(descriptor)


WEAK: dict[str, Callable[[], None]] = {
    "directory-fsync": lambda: _without_fsync(stat.S_ISDIR),
    "file-fsync": lambda: _without_fsync(stat.S_ISREG),
    "rename": _rename,
}
