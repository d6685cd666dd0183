"""What the header of a picture file says, and what a file is that is none."""

import io
import warnings
from pathlib import PurePosixPath
from typing import NamedTuple

from PIL import Image

from luthier.decoding.decode import FORMATS, LARGEST

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


def facts(content: bytes) -> Facts | None:
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
    """Whether the end of a file's name is one of its format's.

    >>> fits_name("cat/1.JPG", "JPEG"), fits_name("cat/1.jpg", "PNG")
    (True, False)
    """
    return PurePosixPath(name).suffix.lower() in SUFFIXES.get(format, set())


def _bomb(content: bytes) -> bool:
    """Whether a picture claims more pixels than Pillow looks at."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(content), formats=FORMATS):
            return False
    except Exception as error:
        return isinstance(error, Image.DecompressionBombError)


def nature(content: bytes) -> str:
    """Say what a file that is no picture seems to be.

    >>> nature(b""), nature(b"Dear diary"), nature(bytes(9))
    ('an empty file', 'a text file', 'of no known format')
    """
    if not content:
        return "an empty file"
    if content.startswith(BEGINNINGS):
        return VAST if _bomb(content) else BROKEN
    text = content[:1000].decode(errors="ignore")
    is_text = b"\0" not in content[:1000] and len(text.encode()) > 0.9 * len(content[:1000])
    return "a text file" if is_text else "of no known format"
