"""Looks at every file of a folder or archive of pictures; good ones make a data set, the others are reported."""

import io
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from PIL import Image

from luthier.core.files import make_zeros
from luthier.data.dataset import Dataset
from luthier.data.images.decode import FORMATS, LARGEST
from luthier.data.images.decode_pool import Row, count_progress, decode_all
from luthier.data.images.listing import Entry, Listing
from luthier.data.images.reader import open_reader
from luthier.data.images.worker import COLOURS, Task

ORIENTATION = 0x0112
"""Number of the EXIF note that says which side is up; 1 is as stored."""


SUFFIXES = {
    "BMP": {".bmp", ".dib"},
    "GIF": {".gif"},
    "JPEG": {".jpg", ".jpeg", ".jpe", ".jfif"},
    "PNG": {".png", ".apng"},
    "TIFF": {".tif", ".tiff"},
    "WEBP": {".webp"},
}


BEGINNINGS = (b"BM", b"GIF8", b"\xff\xd8\xff", b"\x89PNG", b"II*\0", b"MM\0*", b"RIFF")


BROKEN, VAST = "a picture cut off in its header", "a picture of far too many pixels"


class Facts(NamedTuple):
    """What a picture file is, by its header. turned: whether its EXIF note asks for another side up."""

    format: str
    mode: str
    width: int
    height: int
    turned: bool


def read_facts(content: bytes) -> Facts | None:
    """Read the header of a picture of an allowed format; None where there is none."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(content), formats=FORMATS) as image:
            small = (
                image.width * image.height <= LARGEST
            )  # else its notes, which may stand behind the pixels, are not read
            turned = small and image.getexif().get(ORIENTATION, 1) not in (0, 1)
            return Facts(str(image.format), image.mode, image.width, image.height, turned)
    except Exception:  # whatever a damaged file makes Pillow meet; the decoding says what
        return None


def fits_name(name: str, format: str) -> bool:
    """Return whether the end of a file's name is one of its format's.

    >>> fits_name("cat/1.JPG", "JPEG"), fits_name("cat/1.jpg", "PNG")
    (True, False)
    """
    return PurePosixPath(name).suffix.lower() in SUFFIXES.get(format, set())


def _bomb(content: bytes) -> bool:
    """Return whether a picture claims more pixels than Pillow opens."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(content), formats=FORMATS):
            return False
    except Exception as error:
        return isinstance(error, Image.DecompressionBombError)


def describe_file(content: bytes) -> str:
    """Describe what a file that is no picture seems to be.

    >>> describe_file(b""), describe_file(b"Dear diary"), describe_file(bytes(9))
    ('an empty file', 'a text file', 'of no known format')
    """
    if not content:
        return "an empty file"
    if content.startswith(BEGINNINGS):
        return VAST if _bomb(content) else BROKEN
    text = content[:1000].decode(errors="ignore")
    is_text = b"\0" not in content[:1000] and len(text.encode()) > 0.9 * len(content[:1000])
    return "a text file" if is_text else "of no known format"


SIDE, SMALL_SIDE, MANY = 64, 32, 20_000
"""Side of the pictures that are kept to be shown and compared; the small one where they are many."""


@dataclass(frozen=True)
class Scan:
    """What each file is.

    facts: by its header, None where it has none of a picture. natures: by name, what a file without one seems to be.
    rows: what decoding brought, or what is wrong. pixels: (N, side, side, 3), uint8, black where there are none.
    """

    listing: Listing
    facts: Sequence[Facts | None]
    natures: dict[str, str]
    rows: Sequence[Row | str]
    pixels: np.ndarray

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The pictures, in the order of all arrays."""
        return self.listing.entries


def scan_files(listing: Listing, quiet: bool = True) -> Scan:
    """Look at every file; a bad one does not stop the scan. quiet: no progress on stderr."""
    side = SIDE if len(listing.entries) <= MANY else SMALL_SIDE
    shape = (len(listing.entries), side, side, COLOURS)
    known, natures = _headers(listing, quiet)
    if not listing.entries:
        return Scan(listing, known, natures, [], np.zeros(shape, np.uint8))
    with tempfile.TemporaryDirectory() as desk, count_progress("decoding", shape[0], quiet) as advance:
        path = Path(desk) / "pixels"
        make_zeros(path, int(np.prod(shape)))
        task = Task(str(listing.root), str(path), f"{desk}/worker", side, "resize")
        rows = decode_all(listing.entries, task, listing.place, advance)
        pixels = np.memmap(path, np.uint8, "r", shape=shape)  # stays when the name is gone (POSIX)
    return Scan(listing, known, natures, rows, pixels)


def _headers(listing: Listing, quiet: bool) -> tuple[list[Facts | None], dict[str, str]]:
    known: list[Facts | None] = []
    natures = {}
    with open_reader(listing.root) as read, count_progress("reading headers", len(listing.entries), quiet) as advance:
        for entry in listing.entries:
            try:
                content = read(entry.name)
                known.append(read_facts(content))
                if known[-1] is None:
                    natures[entry.name] = describe_file(content)
            except (OSError, ValueError):
                known.append(None)
                natures[entry.name] = "not readable"
            advance(1)
    return known, natures


def make_dataset(scan: Scan) -> Dataset | None:
    """Make a data set of the pictures that can be used; None where there are none."""
    good = [(place, entry, row) for place, (entry, row) in enumerate(zip(scan.entries, scan.rows, strict=True))
            if isinstance(row, Row)]  # fmt: skip
    if not good:
        return None
    classes = scan.listing.classes
    number = {name: k for k, name in enumerate(classes)}
    return Dataset(
        scan.listing.root.stem,
        scan.pixels[[place for place, _, _ in good]] if len(good) < len(scan.rows) else scan.pixels,
        np.array([number[entry.label] for _, entry, _ in good], np.int64),
        classes,
        _members([entry for _, entry, _ in good], "test"),
        official_validation=_members([entry for _, entry, _ in good], "validation"),
        names=np.array([entry.name for _, entry, _ in good], object),
        keys=np.frombuffer(bytes.fromhex("".join(row.key for _, _, row in good)), np.uint8).reshape(len(good), -1),
    )


def _members(entries: Sequence[Entry], part: str) -> np.ndarray | None:
    found = np.array([entry.part == part for entry in entries])
    return found if found.any() else None
