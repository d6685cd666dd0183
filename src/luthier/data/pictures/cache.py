"""Pictures decoded once: a memory-mapped array under the user's cache, known by content, size and fit.

A cache is a folder named by its key: `pixels.bin`, `keys.bin`, `table.json` and, written last, `card.json` with what
the others must be. `starts/` leads from a path, by the sizes and times of its files, to the key without reading them.
"""

import hashlib
import json
import os
import shutil
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import PIL

from luthier.core.errors import BadInput, DamagedFile, LuthierWarning
from luthier.core.files import read_sealed, sha256, sync_directory, write_atomic, write_sealed
from luthier.core.lock import wait_for_lock
from luthier.core.say import print_stderr
from luthier.data.pictures.listing import Listing, is_archive, list_pictures
from luthier.data.pictures.making import KEYS, PIXELS, decode_listing
from luthier.data.places import user_cache
from luthier.data.reading import DataConfig

VERSION = 2
CARD, TABLE = "card.json", "table.json"
KEPT = (1, 3)
"""Channels that pictures are decoded to."""


@dataclass(frozen=True)
class Cached:
    """Decoded pictures, of which only those that are looked at come into memory.

    pixels: (N, side, side, C), uint8, read only. names, labels, parts: of each picture. keys: (N, 16), uint8, of the
    pixels before they were resized. content: SHA-256 over the files. side: pixels of the median longer side.
    notes: what the reader of the pictures should know of them.
    """

    pixels: np.ndarray
    keys: np.ndarray
    names: list[str]
    labels: list[str]
    parts: list[str | None]
    content: str
    side: int
    notes: list[str]


class Source(NamedTuple):
    """A folder or archive, and whether its folders are classes and parts."""

    root: Path
    labelled: bool

    def listed(self) -> Listing:
        return list_pictures(self.root, self.labelled)


def open_cached(
    path: Path, data_config: DataConfig, quiet: bool, *, channels: int | None = None, labelled: bool = True
) -> Cached:
    """Give the pictures of a folder or archive at a recipe's size, decoded now or at an earlier start.

    channels: 1 or 3, to which all are brought; None for 3, or 1 where all are grey.
    labelled: whether folders are classes and parts; otherwise all pictures are taken, wherever they lie.
    Raises BadInput with everything that is wrong with them, or where the cache cannot be written.
    """
    root = path.resolve()
    place = user_cache() / "pictures"
    source = Source(root, labelled)
    start = _start(source, data_config, channels)
    turn = place / "starts" / start
    try:
        turn.mkdir(parents=True, exist_ok=True)
        with wait_for_lock(turn, lambda holder: print_stderr(f"luthier: waiting for {holder}, which decodes {path}")):
            return _find(turn, source) or _decode(turn, source, data_config, quiet, channels)
    except OSError as error:
        raise BadInput(
            f"decoded pictures must be kept in {place}, but cannot be ({error.strerror or error}); "
            "make room there, or name another folder with XDG_CACHE_HOME"
        ) from None


def _start(source: Source, data_config: DataConfig, channels: int | None) -> str:
    place = os.fsencode(source.root).hex()
    how = (
        VERSION,
        PIL.__version__,
        place,
        data_config.size,
        data_config.fit,
        data_config.bad,
        channels,
        source.labelled,
    )
    return hashlib.sha256(repr(how).encode()).hexdigest()


def _stamp(source: Source, listing: Listing | None = None) -> str:
    """What is another one as soon as a file of the source changes: from names, sizes and times alone."""
    if is_archive(source.root):
        status = source.root.stat()
        known: Any = (status.st_size, status.st_mtime_ns, status.st_ino)
    else:
        whole = listing or source.listed()
        known = (whole.entries, whole.problems, whole.folders)
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _find(turn: Path, source: Source) -> Cached | None:
    """What an earlier start left, if the source is as it was then; a damaged cache is told and made anew."""
    if not (turn / CARD).is_file():
        return None
    try:
        start = read_sealed(turn / CARD)
        return _open(_place(turn, start["key"])) if start["stamp"] == _stamp(source) else None
    except (DamagedFile, OSError) as error:
        warnings.warn(f"the decoded pictures of {source.root} are made anew: {error}", LuthierWarning, stacklevel=2)
        return None


def _place(turn: Path, key: str) -> Path:
    """Folder of the cache of some key, beside that of the starts."""
    return turn.parent.parent / key


def _open(folder: Path) -> Cached:
    """Open a cache; raise DamagedFile or OSError where it is not what its card says."""
    card = read_sealed(folder / CARD)
    for name, known in card["files"].items():
        if _mark(folder / name) != known:
            raise DamagedFile(f"{folder / name} is not what it was when it was written")
    table = json.loads((folder / TABLE).read_bytes())
    pixels = np.memmap(folder / PIXELS, np.uint8, "r", shape=tuple(card["shape"]))
    keys = np.fromfile(folder / KEYS, np.uint8).reshape(len(pixels), -1)
    return Cached(pixels, keys, **table, content=card["content"], side=card["side"], notes=card["notes"])


def _mark(path: Path) -> str:
    """The digest of a small file; of the pixels, which may be larger than memory, only size and time."""
    status = path.stat()
    return f"{status.st_size}/{status.st_mtime_ns}" if path.name == PIXELS else sha256(path)


def _decode(turn: Path, source: Source, data_config: DataConfig, quiet: bool, channels: int | None) -> Cached:
    listing = source.listed()
    stamp = _stamp(source, listing)
    work = turn / "work"
    shutil.rmtree(work, ignore_errors=True)  # what a killed process left
    work.mkdir()
    try:
        new = decode_listing(listing, work, data_config, quiet, channels)
        table = {"names": new.names, "labels": new.labels, "parts": new.parts}
        write_atomic(work / TABLE, json.dumps(table).encode())
        key = _key(data_config, new.content, new.shape, table)
        files = {name: _mark(work / name) for name in (PIXELS, KEYS, TABLE)}
        card = {"shape": new.shape, "content": new.content, "side": new.side, "notes": new.notes, "files": files}
        write_sealed(work / CARD, card)
        _move(work, _place(turn, key))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    write_sealed(turn / CARD, {"key": key, "stamp": stamp})
    return _open(_place(turn, key))


def _key(data_config: DataConfig, content: str, shape: Sequence[int], table: dict[str, Any]) -> str:
    known = json.dumps([VERSION, PIL.__version__, content, shape, data_config.fit, table])
    return hashlib.sha256(known.encode()).hexdigest()


def _move(work: Path, folder: Path) -> None:
    """Put a finished cache in its place, unless one as good is there: another copy of the same pictures."""
    try:
        _open(folder)
    except (DamagedFile, OSError):
        shutil.rmtree(folder, ignore_errors=True)
        sync_directory(work)
        os.rename(work, folder)
        sync_directory(folder.parent)
