"""Downloads a published file over https and checks its SHA-256 before it gets its name; unpacks archives safely."""

import gzip
import os
import re
import ssl
import tarfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from luthier.core.console import on_terminal, print_stderr
from luthier.core.errors import BadInput, DamagedFile, DownloadFailed
from luthier.core.files import CHUNK, name_in_errors, sha256, sync_directory, write_atomic

DOWNLOAD_CHUNK = 1 << 18


SILENCE = 30.0
"""Seconds without a single byte after which a connection counts as dead."""


WINDOW, SLOWEST = 30.0, 1 << 10
"""A body that comes in fewer bytes per second than SLOWEST, for WINDOW seconds, counts as stuck."""


PAUSES = (1.0, 2.0, 4.0)
"""Seconds between one attempt and the next."""


PASSING = frozenset({408, 416, 425, 429, 500, 502, 503, 504})
"""Answers of a server that may be others a moment later."""


@dataclass(frozen=True)
class Remote:
    """A file that somebody published: its https address, its length in bytes and its SHA-256 in hexadecimal.

    Raises BadInput for an address that is not https, a length below 1 and a digest that is none.

    >>> Remote("https://example.org/a/set.gz", 3, "0" * 64).name
    'set.gz'
    """

    url: str
    size: int
    digest: str

    def __post_init__(self) -> None:
        if not self.url.startswith("https://"):
            raise BadInput(f"an address must begin with https://, but got {self.url!r}; get the file by hand")
        if self.size < 1 or not re.fullmatch("[0-9a-f]{64}", self.digest):
            raise BadInput(
                f"a download needs its published length and SHA-256, but {self.url} has {self.size} and "
                f"{self.digest!r}; get the file by hand"
            )

    @property
    def name(self) -> str:
        """The last part of the address."""
        return self.url.rpartition("/")[2]


class _Passing(Exception):
    """A fault of one attempt that need not occur at the next."""

    def __str__(self) -> str:
        return _printable(super().__str__())


def _printable(text: str) -> str:
    """Make what a server sent fit for one line, without anything that a terminal would obey."""
    return "".join(one if one.isprintable() else " " for one in text)


def download(remote: Remote, path: Path, *, quiet: bool = False) -> None:
    """Fetch a file to a path in an existing folder; continue what an earlier attempt left in PATH.part.

    quiet: no progress on stderr. The file gets its name once its SHA-256 is the published one. One process at a time.
    Raises DownloadFailed where the server does not give the file or gives another; OSError where the disk refuses.
    """
    part = path.with_name(f"{path.name}.part")
    with show_transfer(path.name, remote.size, quiet) as advance:
        _persist(remote, part, advance, quiet)
    got = sha256(part)
    if got != remote.digest:
        part.unlink()
        raise DownloadFailed(
            f"{remote.url} must have the SHA-256 {remote.digest}, but what came has {got}; it was deleted: "
            "try again, and if it stays so, do not trust that server"
        )
    os.replace(part, path)
    sync_directory(path.parent)


def _persist(remote: Remote, part: Path, advance: Callable[[int], None], quiet: bool) -> None:
    """Try until the part is as long as the file."""
    for pause in (*PAUSES, None):
        try:
            return _attempt(remote, part, advance)
        except _Passing as problem:
            if pause is None:
                raise DownloadFailed(
                    f"{remote.url} could not be downloaded in {len(PAUSES) + 1} attempts, at last because {problem}; "
                    "try again later: it goes on where it stopped"
                ) from None
            if not quiet:
                print_stderr(f"luthier: {remote.name}: {problem}; next attempt in {pause:g} s")
            time.sleep(pause)


def _attempt(remote: Remote, part: Path, advance: Callable[[int], None]) -> None:
    held = part.stat().st_size if part.exists() else 0
    if held == remote.size:
        return
    if held > remote.size:
        held = 0
    with _answer(remote, held, part) as response:
        begin = _begin(response, held, remote.size, part)
        with name_in_errors(part), part.open("ab" if begin else "wb") as file:
            for piece in _pieces(response, remote.size - begin):
                file.write(piece)
                advance(file.tell())
            file.flush()
            os.fsync(file.fileno())
    if (got := part.stat().st_size) != remote.size:
        raise _Passing(f"the connection ended after {got} of {remote.size} bytes")


def _answer(remote: Remote, held: int, part: Path) -> HTTPResponse:
    """Ask for the file from byte `held` on.

    No If-Range goes along: a file that changed on the server since the first part came fails its SHA-256.
    """
    wanted = {"Range": f"bytes={held}-"} if held else {}
    request = Request(remote.url, headers={"User-Agent": "luthier", "Accept-Encoding": "identity", **wanted})
    try:
        return _opener().open(request, timeout=SILENCE)  # type: ignore[no-any-return]
    except HTTPError as error:
        error.close()
        if error.code == 416:  # this server will not give the rest, so ask for the whole
            part.unlink()
        if error.code in PASSING:
            raise _Passing(f"the server answered {error.code} {error.reason}") from None
        raise DownloadFailed(
            f"{remote.url} could not be downloaded: the server answered {error.code} {_printable(error.reason)}"
        ) from None
    except (OSError, HTTPException) as error:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise DownloadFailed(
                f"{remote.url} could not be downloaded: its server does not prove who it is ({reason.verify_message})"
            ) from None
        raise _Passing(f"the server cannot be reached ({reason or type(reason).__name__})") from None


def _opener() -> OpenerDirector:
    """Make an opener that uses https alone, and the proxy of the environment where there is one."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        HTTPSHandler(context=ssl.create_default_context()),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
        _Redirects(),
    ):
        opener.add_handler(handler)
    return opener


class _Redirects(HTTPRedirectHandler):
    """Follows a redirect to https and no other."""

    def redirect_request(  # noqa: PLR0917  # the signature is the library's
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Any:
        if not newurl.startswith("https://"):
            fp.close()
            raise DownloadFailed(
                f"{req.full_url} could not be downloaded: it leads on to {newurl}, which is not https and not followed"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _begin(response: HTTPResponse, held: int, size: int, part: Path) -> int:
    """Return where in the file the body of an answer begins; refuse a body that cannot be the file."""
    begin, whole = (held, f"bytes {held}-{size - 1}/{size}") if response.status == 206 else (0, None)
    if whole is not None and response.headers.get("Content-Range") != whole:
        part.unlink(missing_ok=True)
        raise _Passing(f"the server sent {response.headers.get('Content-Range')!r} where {whole!r} was asked for")
    kind = response.headers.get_content_type()
    if "html" in kind:
        raise _Passing(f"the server sent a page ({kind}) instead of the file")
    length = response.headers.get("Content-Length")
    if length is not None and length != str(size - begin):
        raise _Passing(f"the server announced {length} bytes where {size - begin} are published")
    return begin


def _pieces(response: HTTPResponse, left: int) -> Iterator[bytes]:
    """Yield the body as it comes, at most `left` bytes of it."""
    since, came = time.monotonic(), 0
    while left:
        try:
            piece = response.read1(min(left, DOWNLOAD_CHUNK))
        except (OSError, HTTPException) as error:
            raise _Passing(f"the connection broke ({error or type(error).__name__})") from None
        if not piece:
            return
        yield piece
        left, came = left - len(piece), came + len(piece)
        if (passed := time.monotonic() - since) > WINDOW:
            if came < SLOWEST * passed:
                raise _Passing(f"only {came} bytes came in {passed:.0f} s")
            since, came = time.monotonic(), 0


EVERY = 10.0
"""Seconds from one plain line to the next."""


@contextmanager
def show_transfer(name: str, size: int, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Make a function that shows progress, given how many bytes of a file are there."""
    if quiet:
        yield lambda done: None
    elif on_terminal():
        with _bar(name, size) as advance:
            yield advance
    else:
        yield _lines(name, size)


@contextmanager
def _bar(name: str, size: int) -> Iterator[Callable[[int], None]]:
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=size)
        yield lambda done: bar.update(task, completed=done)


def _lines(name: str, size: int) -> Callable[[int], None]:
    began: tuple[float, int] | None = None
    last = time.monotonic()

    def advance(done: int) -> None:
        nonlocal began, last
        now = time.monotonic()
        if began is None:  # the first piece: what an earlier attempt left does not count as speed
            began = (now, done)
        if now - last < EVERY or now == began[0]:
            return
        last = now
        rate = max(done - began[1], 1) / (now - began[0])
        print_stderr(
            f"{name}  {format_megabytes(done)} of {format_megabytes(size)}  {format_megabytes(rate)}/s  "
            f"{(size - done) / rate:.0f} s left"
        )

    return advance


def format_megabytes(count: float) -> str:
    """Write a number of bytes as MB.

    >>> format_megabytes(11_594_722)
    '11.6 MB'
    """
    return f"{count / 1e6:,.1f} MB"


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
    """Yield each wanted member and its content; remove it from those still missing."""
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
