"""From the bytes of a picture file to its pixels: the one way that training, prediction and checks all take."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from PIL import Image, ImageOps

from luthier.decoding.limit import VARIABLE, largest
from luthier.decoding.modes import BadPicture, flatten_mode

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
LARGEST = largest()
"""Pixels. Pillow's own limits, 89 million with a warning and twice that, stay on behind it."""


class Decoded(NamedTuple):
    """A picture as it is to be seen.

    image: of the mode L where the file is grey, else RGB, upright. mode: Pillow's name for what the file held.
    several: whether further frames or pages were left out.
    """

    image: Image.Image
    mode: str
    several: bool


def decode(content: bytes) -> Decoded:
    """Decode a picture: upright by its EXIF note, transparency laid on white, 16 bits scaled to 8, the first frame.

    The content decides what it is, not the name.
    Raises BadPicture where it is of another format, damaged, or larger than the limit, 50 million pixels by default.

    >>> file = io.BytesIO()
    >>> Image.new("CMYK", (3, 2), (0, 255, 255, 0)).save(file, "TIFF")
    >>> found = decode(file.getvalue())
    >>> found.image.mode, found.image.size, found.image.getpixel((0, 0)), found.mode
    ('RGB', (3, 2), (255, 0, 0), 'CMYK')
    """
    with open_upright(content) as image:
        mode, several = image.mode, bool(getattr(image, "is_animated", False))
        return Decoded(flatten_mode(image), mode, several)


def measure_size(content: bytes) -> tuple[int, int]:
    """Read the width and height of a picture, as it lies in the file, from its header.

    Raises BadPicture as `decode` does.
    """
    with _open(content) as image:
        return image.size


@contextmanager
def open_upright(content: bytes) -> Iterator[Image.Image]:
    """Open a picture with the side up that its EXIF note says; what goes wrong until it is closed is BadPicture."""
    with _open(content) as image:
        ImageOps.exif_transpose(image, in_place=True)
        yield image


@contextmanager
def _open(content: bytes) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > LARGEST:
                raise _too_large(f"{image.width}x{image.height}")
            yield image
    except BadPicture:
        raise
    except Image.DecompressionBombError:
        raise _too_large("more") from None
    except Exception as error:  # Pillow lets through whatever a damaged file makes it meet
        reason = str(error).replace(" <_io.BytesIO object", "").partition(" at 0x")[0] or type(error).__name__
        raise BadPicture(
            f"must be a picture ({', '.join(FORMATS)}), but cannot be read ({reason}); replace it"
        ) from None


def _too_large(size: str) -> BadPicture:
    return BadPicture(
        f"must have at most {LARGEST} pixels, but has {size}; scale it down, or allow more with {VARIABLE}"
    )
