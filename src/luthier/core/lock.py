"""One owner per directory: a lock that dies with its process."""

import fcntl
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from luthier.core.errors import BadInput

NAME = ".lock"


@contextmanager
def hold_lock(directory: Path) -> Iterator[None]:
    """Hold a directory for this process; a second process is told who holds it (POSIX flock).

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
    """Hold a directory for this process as soon as nobody else does; `waiting` is told who does where one must wait."""
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
    """Take the lock, or say who has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _name_holder(os.read(descriptor, 1000))
    _sign(descriptor)
    return None


def _name_holder(signature: bytes) -> str:
    """Say in words who has signed; a process that is just about to has not yet."""
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
