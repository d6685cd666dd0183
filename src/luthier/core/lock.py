"""One owner per directory: a lock that dies with its process."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from luthier.core.errors import BadInput

NAME = ".lock"


@contextmanager
def owned(directory: Path) -> Iterator[None]:
    """Hold a directory for this process; a second process is told who holds it (POSIX flock).

    The kernel drops the lock with the process, so a lock file left by a killed run is no obstacle.
    """
    descriptor = os.open(directory / NAME, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _take(descriptor, directory)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, directory: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 1000).decode(errors="replace").strip() or "another process"
        raise BadInput(
            f"one process at a time may write a run, but {directory} is in use by {holder}; "
            "wait for it or choose another --out"
        ) from None
    os.ftruncate(descriptor, 0)
    started = datetime.now(UTC).isoformat(timespec="seconds")
    owner = {"pid": os.getpid(), "host": socket.gethostname(), "started": started}
    os.pwrite(descriptor, json.dumps(owner).encode() + b"\n", 0)
