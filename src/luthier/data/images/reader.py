"""The bytes of one picture after another, from a folder or out of an archive."""

import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LARGEST_FILE = 1 << 29
"""Bytes: more than 50 million pixels take in any format."""


Reader = Callable[[str], bytes]


@contextmanager
def open_reader(root: Path) -> Iterator[Reader]:
    """Make a function from a picture's name to its content.

    It raises OSError where the content cannot be read, ValueError where it is damaged or too large.
    """
    if root.is_dir():
        yield lambda name: read_content(root / name)
        return
    with zipfile.ZipFile(root) as archive:
        members = {name_member(info)[0]: info for info in archive.infolist()}
        yield lambda name: _read_member(archive, members[name])


UTF8 = 1 << 11
"""The flag of a member whose name says that it is UTF-8."""


def name_member(info: zipfile.ZipInfo) -> tuple[str, bool]:
    """Return the name of a member, and whether its alphabet is known: stated, plain ASCII, or UTF-8 by its bytes.

    Programs that write UTF-8 without saying so are common. Another alphabet cannot be known; `zipfile` takes that of
    DOS.
    """
    if info.flag_bits & UTF8 or info.filename.isascii():
        return info.filename, True
    try:
        return info.filename.encode("cp437").decode(), True
    except UnicodeError:
        return info.filename, False


def read_content(path: Path) -> bytes:
    """Read a regular file; never wait for one that was replaced by something else since it was listed.

    Raises OSError where it cannot be read, ValueError where it is too large.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("no regular file")
        _check(os.fstat(descriptor).st_size)
        return file.read()


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    _check(info.file_size)
    try:
        return archive.read(info)
    except Exception as error:  # zipfile and its unpackers let through whatever a damaged archive makes them meet
        raise ValueError(str(error) or type(error).__name__) from None


def _check(size: int) -> None:
    if size > LARGEST_FILE:
        raise ValueError(f"larger than {LARGEST_FILE} bytes")
