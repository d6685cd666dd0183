"""A named set brought into a folder: announced, downloaded file by file, unpacked."""

from pathlib import Path

from luthier.core.errors import DamagedFile, DownloadFailed
from luthier.core.files import sha256
from luthier.core.lock import wait_for_lock
from luthier.core.say import print_stderr
from luthier.data.download import Remote, download
from luthier.data.sources.idx import find
from luthier.data.sources.published import PUBLISHED, Published
from luthier.data.transfer import megabytes
from luthier.data.untar import untar


def missing(name: str, folder: Path) -> list[str]:
    """Names of a set's files that a folder does not hold, packed or not."""
    return [one for one in PUBLISHED[name].names if not find(folder, one.removesuffix(".gz"))]


def fetch(name: str, folder: Path, *, quiet: bool = False) -> None:
    """Download what a folder lacks of a named set; the folder is made, and one process at a time works in it.

    quiet: no progress on stderr; that a download begins is said in one line even so.
    Raises DownloadFailed where it cannot be had, saying what to put where instead.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with wait_for_lock(
            folder, lambda holder: print_stderr(f"luthier: waiting for {holder}, which works in {folder}")
        ):
            _complete(name, folder, quiet)
    except (DownloadFailed, DamagedFile) as error:
        raise DownloadFailed(f"{error}; {by_hand(name, folder)}") from None
    except OSError as error:
        raise DownloadFailed(f"{name} could not be saved in {folder} ({error}); {by_hand(name, folder)}") from None


def by_hand(name: str, *folders: Path) -> str:
    """Say which files of a set to put where, and where to get them."""
    one = PUBLISHED[name]
    places = " or ".join(map(str, folders))
    return (
        f"or put {', '.join(one.names)} (from {one.origin}) into {places}, "
        f"or into a folder {name} in that which --data-dir or LUTHIER_DATA names"
    )


def _complete(name: str, folder: Path, quiet: bool) -> None:
    """Fetch what is missing still: another process may have done it meanwhile."""
    lacking, one = missing(name, folder), PUBLISHED[name]
    if not lacking:
        return
    files = [file for file in one.files if one.unpacked or file.name in lacking]
    size = megabytes(sum(file.size for file in files))
    print_stderr(f"luthier: downloading {name} ({size}) from {one.origin} to {folder}")
    for file in files:
        _have(file, folder / file.name, quiet)
    if one.unpacked:
        _unpack(one, folder)


def _have(file: Remote, path: Path, quiet: bool) -> None:
    """Download a file unless it is there, as an archive is that a stopped process did not come to unpack."""
    if not path.is_file() or sha256(path) != file.digest:
        download(file, path, quiet=quiet)


def _unpack(one: Published, folder: Path) -> None:
    archive = folder / one.files[0].name
    untar(archive, folder, one.unpacked)
    archive.unlink()
