"""Files and folders that belong to a directory: no link in it leads a write or a removal to another place."""

import errno
import os
import stat
from pathlib import Path

from luthier.core.errors import BadInput

REFUSED = (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EISDIR)
"""What systems answer where a link, a pipe or a directory is to be opened as a file without following links."""


def open_in_place(path: Path, flags: int) -> int:
    """Open a file that is to be changed where it lies, and return its descriptor; it is not changed by that.

    flags: those of `os.open`; a file that is made follows the umask.
    Raises BadInput where it is a link, has a second name (a hard link) or is no file: the change would be one of what
    lies elsewhere.
    """
    try:
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
    except OSError as error:
        if error.errno in REFUSED:
            raise _refuse(path, "is a link" if path.is_symlink() else "is no file") from None
        raise
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
        os.close(descriptor)
        what = f"has {status.st_nlink} names (hard links)" if stat.S_ISREG(status.st_mode) else "is no file"
        raise _refuse(path, what)
    return descriptor


def _refuse(path: Path, what: str) -> BadInput:
    return BadInput(
        f"a file that is written must lie in its directory alone, but {path} {what}; put a copy in its place"
    )


def refuse_link(path: Path) -> None:
    """Raise BadInput where a folder is a link: what is written or removed in it would lie elsewhere."""
    if path.is_symlink():
        raise BadInput(
            f"a folder that is written in must be no link, but {path} leads to {os.readlink(path)}; "
            "put what it leads to in its place"
        )


def write_all(descriptor: int, content: bytes, offset: int) -> None:
    """Write all of a content at a place of an open file, however little the system takes at once."""
    view = memoryview(content)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written
