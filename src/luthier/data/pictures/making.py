"""The first start: every picture decoded, what is wrong told at once, what is right written down."""

import hashlib
import os
import statistics
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from luthier.core.errors import BadInput, escape_name
from luthier.core.files import make_zeros
from luthier.data.pictures.bar import count_progress
from luthier.data.pictures.found import Odd
from luthier.data.pictures.listing import Listing
from luthier.data.pictures.pool import Row, decode_all
from luthier.data.pictures.skipping import alike, too_many
from luthier.data.reading import DataConfig
from luthier.decoding.decode import measure_size
from luthier.decoding.key import KEY_BYTES
from luthier.decoding.reader import reader
from luthier.decoding.worker import COLOURS, Task

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
        [*notes, *_several([entry.name for _, entry, row in good if row.several])],
    )


def _side(listing: Listing) -> int:
    """The longer side that half of a sample of the pictures exceed, at most SIDE."""
    step = max(1, len(listing.entries) // SAMPLE)
    sides = []
    with reader(listing.root) as read:
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
    """Refuse what cannot be used, or say what is left out."""
    wrong = sorted([*listing.problems, *faults])
    if not wrong:
        return []
    if bad == "stop" or alike(listing):
        raise BadInput(*(f"{listing.place(name)} {reason}" for name, reason in wrong))
    if much := too_many(listing, {one.name for one in faults}):
        raise BadInput(*(f"{listing.place(name)} {reason}" for name, reason in wrong), f"{much}; mend the files above")
    return [f"{len(wrong)} files are left out as data.bad = 'skip' asks: {_some(one.name for one in wrong)}"]


def _several(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    return [f"of {len(names)} pictures with several frames or pages the first is taken: {_some(names)}"]


def _some(names: Iterable[str]) -> str:
    known = [escape_name(name) for name in names]
    return ", ".join(known[:SHOWN]) + (", ..." if len(known) > SHOWN else "")


def _settle(path: Path, kept: Sequence[int], shape: tuple[int, int, int, int], channels: int) -> None:
    """Close the gaps that bad pictures left, and keep one channel where all are grey; never all of it in memory."""
    if len(kept) == shape[0] and channels == shape[3]:
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        return
    raw = np.memmap(path, np.uint8, "r", shape=shape)
    closer = path.with_suffix(".closer")
    step = max(1, COPIED // raw[0].size)
    with closer.open("wb") as file:
        for start in range(0, len(kept), step):
            file.write(np.ascontiguousarray(raw[kept[start : start + step], ..., :channels]).data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(closer, path)
