"""Pictures decoded once: a memory-mapped array under the user's cache, known by content, size and fit.

A cache is a folder named by its key: `pixels.bin`, `keys.bin`, `table.json` and, written last, `card.json` with what
the others must be. `starts/` leads from a path, by the sizes of its files and the times of their last change, to the
key without reading them.
"""

import hashlib
import json
import os
import shutil
import statistics
import tempfile
import warnings
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import PIL

from luthier.core.console import print_stderr
from luthier.core.errors import BadInput, DamagedFile, LuthierWarning, escape_name
from luthier.core.files import (
    find_user_cache,
    make_zeros,
    read_sealed,
    sha256,
    sync_directory,
    write_atomic,
    write_sealed,
)
from luthier.core.lock import wait_for_lock
from luthier.data.config import DataConfig
from luthier.data.images.decode import KEY_BYTES, measure_size
from luthier.data.images.decode_pool import Row, count_progress, decode_all
from luthier.data.images.listing import GUESSED, Listing, Odd, describe_guessed, is_archive, list_pictures
from luthier.data.images.reader import open_reader
from luthier.data.images.worker import COLOURS, Task

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
    """Return the pictures of a folder or archive at a recipe's size, decoded now or at an earlier start.

    channels: 1 or 3, to which all are brought; None for 3, or 1 where all are grey.
    labelled: whether folders are classes and parts; otherwise all pictures are taken, wherever they lie.
    Raises BadInput with everything that is wrong with them, or where the cache cannot be written.
    """
    root = path.resolve()
    place = find_user_cache() / "pictures"
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
    """Hash the names, sizes and times of a source's files, so that the hash changes with any of them."""
    if is_archive(source.root):
        status = source.root.stat()
        known: Any = (status.st_size, status.st_ctime_ns, status.st_ino)
    else:
        whole = listing or source.listed()
        known = (whole.entries, whole.problems, whole.folders)
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _find(turn: Path, source: Source) -> Cached | None:
    """Find what an earlier start left if the source is unchanged; warn of a damaged cache, which is made anew."""
    if not (turn / CARD).is_file():
        return None
    try:
        start = read_sealed(turn / CARD)
        return _open(_place(turn, start["key"])) if start["stamp"] == _stamp(source) else None
    except (DamagedFile, OSError, LookupError, TypeError, ValueError) as error:
        warnings.warn(f"the decoded pictures of {source.root} are made anew: {error}", LuthierWarning, stacklevel=2)
        return None


def _place(turn: Path, key: str) -> Path:
    """Return the folder of the cache of a key, beside that of the starts."""
    return turn.parent.parent / key


def _open(folder: Path) -> Cached:
    """Open a cache; raise DamagedFile or OSError where it differs from its card."""
    card = read_sealed(folder / CARD)
    for name, known in card["files"].items():
        if _mark(folder / name) != known:
            raise DamagedFile(f"{folder / name} is not what it was when it was written")
    table = json.loads((folder / TABLE).read_bytes())
    pixels = np.memmap(folder / PIXELS, np.uint8, "r", shape=tuple(card["shape"]))
    keys = np.fromfile(folder / KEYS, np.uint8).reshape(len(pixels), -1)
    return Cached(pixels, keys, **table, content=card["content"], side=card["side"], notes=card["notes"])


def _mark(path: Path) -> str:
    """Return the digest of a small file; of the pixels, which may be larger than memory, size and time only."""
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
    """Move a finished cache to its place, unless an equal one is there: another copy of the same pictures."""
    try:
        _open(folder)
    except (DamagedFile, OSError):
        shutil.rmtree(folder, ignore_errors=True)
        sync_directory(work)
        os.rename(work, folder)
        sync_directory(folder.parent)


PIXELS, KEYS = "pixels.bin", "keys.bin"


SIDE, SAMPLE = 32, 256
"""Without a size, squares as large as half of a sample of the pictures, at most 32: what default networks take."""


SHOWN = 5


COPIED = 1 << 24


class Made(NamedTuple):
    """What `Cached` says, before it has a place."""

    shape: tuple[int, int, int, int]
    names: list[str]
    labels: list[str]
    parts: list[str | None]
    content: str
    side: int
    notes: list[str]


def decode_listing(
    listing: Listing, work: Path, data_config: DataConfig, quiet: bool, channels: int | None = None
) -> Made:
    """Decode a listing into the files PIXELS and KEYS of a folder.

    channels: 1 or 3, to which all are brought; None for 3, or 1 where all are grey.
    Raises BadInput with every picture that cannot be used, or more of them than data_config.bad lets go.
    """
    if not listing.entries and not listing.problems:
        raise BadInput(f"data must hold pictures in class folders, but {listing.root} holds none; add some")
    side = data_config.size or _side(listing)
    task = Task(str(listing.root), str(work / PIXELS), "", side, data_config.fit, channels or COLOURS)
    rows = _rows(listing, task, quiet)
    faults = [Odd(e.name, row) for e, row in zip(listing.entries, rows, strict=True) if isinstance(row, str)]
    notes = _judge(listing, faults, data_config.bad)
    good = [(place, entry, row) for place, (entry, row) in enumerate(zip(listing.entries, rows, strict=True))
            if isinstance(row, Row)]  # fmt: skip
    channels = channels or (1 if all(row.grey for _, _, row in good) else COLOURS)
    _settle(work / PIXELS, [place for place, _, _ in good], (len(rows), side, side, COLOURS), channels)
    keys = b"".join(bytes.fromhex(row.key) for _, _, row in good)
    (work / KEYS).write_bytes(keys)
    assert len(keys) == KEY_BYTES * len(good)
    digest = hashlib.sha256("".join(row.digest for _, _, row in good).encode()).hexdigest()
    return Made(
        (len(good), side, side, channels),
        [entry.name for _, entry, _ in good],
        [entry.label for _, entry, _ in good],
        [entry.part for _, entry, _ in good],
        digest,
        int(statistics.median(row.side for _, _, row in good)),
        [*_guessed(listing), *notes, *_several([entry.name for _, entry, row in good if row.several])],
    )


def _side(listing: Listing) -> int:
    """Return the longer side that half of a sample of the pictures exceed, at most SIDE."""
    step = max(1, len(listing.entries) // SAMPLE)
    sides = []
    with open_reader(listing.root) as read:
        for entry in listing.entries[::step]:
            try:
                sides.append(max(measure_size(read(entry.name))))
            except (OSError, ValueError):
                continue  # the decoding tells
    return min(SIDE, int(statistics.median(sides))) if sides else SIDE


def _rows(listing: Listing, task: Task, quiet: bool) -> list[Row | str]:
    make_zeros(Path(task.pixels), len(listing.entries) * task.side**2 * COLOURS)
    what = f"decoding the pictures of {listing.root.name} at {task.side} x {task.side} pixels"
    with tempfile.TemporaryDirectory() as desk, count_progress(what, len(listing.entries), quiet) as advance:
        return decode_all(listing.entries, replace(task, at=f"{desk}/worker"), listing.place, advance)


def _judge(listing: Listing, faults: Sequence[Odd], bad: str) -> list[str]:
    """Refuse what cannot be used, or report what is left out."""
    wrong = sorted([*listing.problems, *faults])
    if not wrong:
        return []
    if bad == "stop" or find_alike(listing):
        raise BadInput(*(f"{listing.place(name)} {reason}" for name, reason in wrong))
    if much := describe_too_many(listing, {fault.name for fault in faults}):
        raise BadInput(*(f"{listing.place(name)} {reason}" for name, reason in wrong), f"{much}; mend the files above")
    return [f"{len(wrong)} files are left out as data.bad = 'skip' asks: {_some(fault.name for fault in wrong)}"]


def _guessed(listing: Listing) -> list[str]:
    return [f"{what}; {GUESSED}" for what in (describe_guessed(listing),) if what]


def _several(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    return [f"of {len(names)} pictures with several frames or pages the first is taken: {_some(names)}"]


def _some(names: Iterable[str]) -> str:
    known = [escape_name(name) for name in names]
    return ", ".join(known[:SHOWN]) + (", ..." if len(known) > SHOWN else "")


def _settle(path: Path, indices: Sequence[int], shape: tuple[int, int, int, int], channels: int) -> None:
    """Close the gaps of bad pictures, and keep one channel where all are grey; never hold all of it in memory."""
    if len(indices) == shape[0] and channels == shape[3]:
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        return
    raw = np.memmap(path, np.uint8, "r", shape=shape)
    closer = path.with_suffix(".closer")
    step = max(1, COPIED // raw[0].size)
    with closer.open("wb") as file:
        for start in range(0, len(indices), step):
            file.write(np.ascontiguousarray(raw[indices[start : start + step], ..., :channels]).data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(closer, path)


SKIPPED_SHARE = 0.01


def find_alike(listing: Listing) -> set[str]:
    """Find classes whose names differ in spelling only, which leaving out files would not repair."""
    return {problem.name for problem in listing.problems} & set(listing.classes)


def describe_too_many(listing: Listing, faults: Collection[str]) -> str | None:
    """Describe what data.bad = 'skip' would leave out where it is more than allowed; None where it is not.

    faults: names of pictures that cannot be used, beside the problems of the listing.
    """
    count, total = len(listing.problems) + len(faults), len(listing.entries) + len(listing.problems)
    labels = {entry.label for entry in listing.entries if entry.name not in faults}
    emptied = {*listing.classes, *listing.folders} - labels
    if count <= SKIPPED_SHARE * total and not emptied:
        return None
    what = f"class {', '.join(sorted(emptied))} empty" if emptied else f"{count} of {total} out"
    return (
        f"data.bad = 'skip' may leave out at most {SKIPPED_SHARE:.0%} of the files and no whole class, "
        f"but would leave {what}"
    )
