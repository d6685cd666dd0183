"""The lock of a directory: one process at a time writes in it, and stops where the directory is no longer its own."""

import fcntl
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from luthier.core.errors import BadInput, LostDirectory
from luthier.core.links import open_in_place, refuse_link

NAME = ".lock"


@dataclass(frozen=True)
class Lock:
    """A lock that this process holds.

    marks: device and number of the lock's file and of its directory, which no others have while the file is open.
    """

    directory: Path
    marks: list[tuple[int, int]]

    def check(self) -> None:
        """Raise LostDirectory where the directory or its lock is gone, or another one lies in its place."""
        try:
            same = _mark(self.directory) == self.marks
        except OSError:
            same = False
        if not same:
            raise _explain_loss(self.directory)


def _explain_loss(directory: Path) -> LostDirectory:
    return LostDirectory(
        f"{directory} must stay as it is while it is written in, but it was moved, removed or replaced, or its lock "
        "was; nothing was written there since; go on with what was saved, where it lies now, or begin anew elsewhere"
    )


def _mark(directory: Path) -> list[tuple[int, int]]:
    found = (os.lstat(directory / NAME), os.stat(directory))
    return [(status.st_dev, status.st_ino) for status in found]


HELD: list[Lock] = []
"""The locks of this process."""


def check_held(path: Path) -> None:
    """Check, before a file is written or removed, that it lies in the directory that this process has locked.

    Raises LostDirectory where that directory is another one now, BadInput where a link leads from it to the file's
    folder. A file in no locked directory passes.
    """
    for lock in tuple(HELD):
        if path.is_relative_to(lock.directory):
            lock.check()
            for number in range(len(path.relative_to(lock.directory).parts) - 1):
                refuse_link(path.parents[number])


def find_mark(directory: Path) -> list[int] | None:
    """Return what the lock that this process has on a directory is known by to others; None where it has none."""
    return next((list(lock.marks[0]) for lock in HELD if lock.directory == directory), None)


def require_lock(directory: Path, mark: list[int]) -> None:
    """Raise LostDirectory where a directory is not the one that another process, which gave the mark, has locked."""
    try:
        same = list(_mark(directory)[0]) == mark
    except OSError:
        same = False
    if not same:
        raise _explain_loss(directory)


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
        with _note(directory, descriptor):
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
        with _note(directory, descriptor):
            yield


@contextmanager
def _open(directory: Path) -> Iterator[int]:
    descriptor = open_in_place(directory / NAME, os.O_RDWR | os.O_CREAT)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _note(directory: Path, descriptor: int) -> Iterator[None]:
    """Let `check_held` know the lock for as long as it is held."""
    file, folder = os.fstat(descriptor), os.stat(directory)
    lock = Lock(directory, [(status.st_dev, status.st_ino) for status in (file, folder)])
    lock.check()  # it may have been replaced while it was waited for
    HELD.append(lock)
    try:
        yield
    finally:
        HELD.remove(lock)


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
