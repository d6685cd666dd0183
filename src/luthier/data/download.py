"""One published file, fetched over https and known by its SHA-256 before it gets its name."""

import os
import re
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
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

from luthier.core.errors import BadInput, DownloadFailed
from luthier.core.files import naming, sha256, sync_directory
from luthier.core.say import print_stderr
from luthier.data.transfer import transfer

CHUNK = 1 << 18
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
    """What went wrong with one attempt and need not go wrong with the next."""

    def __str__(self) -> str:
        return _printable(super().__str__())


def _printable(text: str) -> str:
    """What a server said, on one line and without anything that a terminal obeys."""
    return "".join(one if one.isprintable() else " " for one in text)


def download(remote: Remote, path: Path, *, quiet: bool = False) -> None:
    """Fetch a file to a path in a folder that is there; what an earlier attempt left in PATH.part is gone on with.

    quiet: no progress on stderr. The file gets its name once its SHA-256 is the published one. One process at a time.
    Raises DownloadFailed where the server does not give the file or gives another; OSError where the disk refuses.
    """
    part = path.with_name(f"{path.name}.part")
    with transfer(path.name, remote.size, quiet) as advance:
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
        with naming(part), part.open("ab" if begin else "wb") as file:
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
    """What speaks https alone, and through the proxy of the environment where there is one."""
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
    """Where in the file the body of an answer begins; refuse one that cannot be the file."""
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
    """The body as it comes, at most `left` bytes of it."""
    since, came = time.monotonic(), 0
    while left:
        try:
            piece = response.read1(min(left, CHUNK))
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
