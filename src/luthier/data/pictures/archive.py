"""Every picture in a .zip, read in place; nothing is ever unpacked to the disk."""

import stat
import zipfile
from pathlib import Path

from luthier.core.errors import BadInput
from luthier.data.pictures.folder import HIDDEN
from luthier.data.pictures.found import File, Found, Odd, is_litter

MOST_MEMBERS = 2_000_000
LARGEST_RATIO = 100
"""How many times its packed size a member may have; photographs hardly pack at all."""
LARGEST_TOTAL = 1 << 40
ENCRYPTED = 1


def members(path: Path) -> Found:
    """List the members of an archive.

    Raises BadInput where it is no .zip, or claims more members or bytes than any honest one.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except Exception as error:  # zipfile lets through whatever a damaged archive makes it meet
        raise BadInput(f"{path} must be a .zip archive, but is not ({error}); get it anew") from None
    if len(infos) > MOST_MEMBERS:
        raise BadInput(f"an archive must have at most {MOST_MEMBERS} members, but {path} has {len(infos)}; split it")
    total = sum(one.file_size for one in infos)
    if total > LARGEST_TOTAL:
        raise BadInput(f"an archive must unpack to at most {LARGEST_TOTAL} bytes, but {path} claims {total}; split it")
    return _sorted_out(infos)


def _sorted_out(infos: list[zipfile.ZipInfo]) -> Found:
    found, seen = Found(), set[str]()
    for one in infos:
        name = one.filename
        fault = _fault(one) or ("is there twice; make the archive anew" if name in seen else None)
        seen.add(name)
        if any(map(is_litter, name.split("/"))):
            found.ignored.append(Odd(name, HIDDEN))
        elif fault:
            found.problems.append(Odd(name, fault))
        elif one.is_dir():
            found.folders.append(name.rstrip("/"))
        else:
            found.files.append(File(name, one.file_size, one.CRC))
    found.folders += {name.rpartition("/")[0] for name, _, _ in found.files if "/" in name}
    return found


def _fault(one: zipfile.ZipInfo) -> str | None:
    name, kind = one.filename, stat.S_IFMT(one.external_attr >> 16)
    pieces = name.rstrip("/").split("/")
    if "\\" in name or ":" in pieces[0] or {"", ".", ".."} & set(pieces):
        return "has a name that leads out of the archive; make the archive anew"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or a device; put the picture itself in its place"
    if one.flag_bits & ENCRYPTED:
        return "is encrypted; make the archive without a password"
    if one.file_size > LARGEST_RATIO * max(one.compress_size, 1):
        return f"claims more than {LARGEST_RATIO} times its packed size; it is no photograph"
    return None
