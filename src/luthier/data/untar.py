"""Some files out of a .tar.gz, and nothing else: what an archive asks for is not what is done."""

import gzip
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from luthier.core.errors import DamagedFile
from luthier.core.files import CHUNK, write_atomic

SLACK = 1 << 20
"""Bytes that an archive may unpack to beyond the files that are wanted: headers and other small files."""


def untar(archive: Path, folder: Path, wanted: Mapping[str, int]) -> None:
    """Write the wanted members of a .tar.gz into a folder, each under the last part of its name.

    wanted: full names of the members, each with its length in bytes. Other regular files and folders are passed over.
    Raises DamagedFile, having written nothing outside the folder, where the archive is broken, unpacks to more than
    the wanted files and a mebibyte, lacks one, or holds one twice or in another length; and where any member is a
    link, a device, a pipe, or has a name that leads out of a folder.
    """
    missing = dict(wanted)
    try:
        for name, content in _members(archive, missing):
            write_atomic(folder / PurePosixPath(name).name, content)
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, ValueError, zlib.error) as error:
        raise DamagedFile(f"{archive} must be a .tar.gz, but is not readable ({error}); get it anew") from None
    if missing:
        raise DamagedFile(f"{archive} must hold {', '.join(missing)}, but does not; get it anew")


def _members(archive: Path, missing: dict[str, int]) -> Iterator[tuple[str, bytes]]:
    """Each wanted member and its content; what was given is no longer missing."""
    names = set(missing)
    with gzip.open(archive) as packed:
        limited = _Limited(packed, sum(missing.values()) + SLACK, archive)
        with tarfile.open(fileobj=limited, mode="r|") as tar:  # type: ignore[call-overload]  # it needs read alone
            for member in tar:
                _check(member, archive)
                if member.name not in names or member.isdir():
                    continue
                if member.size != missing.pop(member.name, None):
                    raise DamagedFile(f"{archive} holds {member.name} twice or in another length; get it anew")
                content = tar.extractfile(member)
                assert content is not None  # as it is of every regular file
                yield member.name, content.read()
        while limited.read(CHUNK):  # to the end, where the checksum is
            pass


def _check(member: tarfile.TarInfo, archive: Path) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or not (member.isfile() or member.isdir()) or member.issparse():
        raise DamagedFile(
            f"{archive} must hold plain files and folders alone, but {member.name!r} is none or leads out of it; "
            "do not trust it"
        )


class _Limited:
    """A file that refuses to be read beyond a limit, whatever its headers announce."""

    def __init__(self, file: gzip.GzipFile, limit: int, archive: Path) -> None:
        self.file, self.left, self.archive = file, limit, archive

    def read(self, count: int) -> bytes:
        content = self.file.read(count)
        self.left -= len(content)
        if self.left < 0:
            raise DamagedFile(f"{self.archive} unpacks to far more than the files wanted of it; do not trust it")
        return content
