"""From the bytes of a picture file to its pixels, for training, prediction and checks alike."""

import io
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import xxhash
from PIL import Image, ImageOps

from luthier.core.errors import BadInput

# Each of Pillow's modes becomes grey (L) or colour (RGB) of eight bits, on white where it is transparent. NumPy, which
# takes as long to import as all the rest of a decoding process, is imported for the rare modes that need it.


WHITE = 255


BITS, PHOTOMETRIC = 258, 262
"""Numbers of the notes of a TIFF that say how many bits a grey has, and what 0 is."""


WHITE_IS_ZERO = 0


class BadPicture(ValueError):
    """A picture that cannot be used; the message follows its name in a sentence."""


def _itself(image: Image.Image) -> Image.Image:
    return image


def _to_grey(image: Image.Image) -> Image.Image:
    return image.convert("L")


def _to_colour(image: Image.Image) -> Image.Image:
    return image.convert("RGB")


def _high_byte(image: Image.Image) -> Image.Image:
    """Scale 16 bits to 8; Pillow's own conversion would cut off all above 255.

    Of a TIFF it leaves alone that it has 12 bits, or that 0 is its white; of a PNG, which grey is transparent.
    """
    import numpy as np

    values, tags = np.asarray(image, np.uint16), getattr(image, "tag_v2", {})
    grey = (values >> (tags.get(BITS, (16,))[0] - 8)).astype(np.uint8)
    grey = WHITE - grey if tags.get(PHOTOMETRIC) == WHITE_IS_ZERO else grey
    return Image.fromarray(np.where(values == image.info.get("transparency", -1), np.uint8(WHITE), grey))


def _unit(image: Image.Image) -> Image.Image:
    """Take 0 for black and 1 for white, which is what floats mean wherever they mean anything."""
    import numpy as np

    values = np.asarray(image, np.float32)
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1):
        raise BadPicture("has floats that are not all from 0, black, to 1, white; scale them or save it with 8 bits")
    return Image.fromarray(np.rint(values * WHITE).astype(np.uint8))


def _unknown(image: Image.Image) -> Image.Image:
    raise BadPicture("has 32-bit whole numbers, which do not say what white is; save it with 8 or 16 bits")


MODES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "1": _to_grey,
    "CMYK": _to_colour,
    "F": _unit,
    "I": _unknown,
    "I;16": _high_byte,
    "I;16B": _high_byte,
    "I;16L": _high_byte,
    "L": _itself,
    "LA": _to_grey,
    "P": _to_colour,
    "PA": _to_colour,
    "RGB": _itself,
    "RGBA": _to_colour,
    "RGBX": _to_colour,
    "YCbCr": _to_colour,
}
"""The table of docs/pictures.md: every mode that the allowed formats have, and no other."""


TRANSPARENT = ("LA", "PA", "RGBA")


def flatten_mode(image: Image.Image) -> Image.Image:
    """Bring a picture of any mode to L or RGB.

    Raises BadPicture for a mode outside the table, and for numbers that do not say what white is.

    >>> flatten_mode(Image.new("RGBA", (1, 1), (255, 0, 0, 0))).getpixel((0, 0))
    (255, 255, 255)
    """
    if image.mode not in MODES:
        raise BadPicture(f"has the mode {image.mode}, which is none of {', '.join(MODES)}; save it as RGB")
    convert = MODES[image.mode]
    return convert(_on_white(image)) if is_transparent(image) else convert(image)


def is_transparent(image: Image.Image) -> bool:
    """Return whether a picture has an alpha channel or a colour that stands for nothing."""
    return image.mode in TRANSPARENT or "transparency" in image.info


def _eight_bit_note(image: Image.Image) -> Image.Image:
    """Convert the transparent colour of a PNG of 16 bits a channel to 8 bits, as Pillow converts its pixels."""
    note = image.info.get("transparency")
    if isinstance(note, tuple) and max(note) > WHITE:
        image = image.copy()
        image.info["transparency"] = tuple(one >> 8 for one in note)
    return image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode not in TRANSPARENT and image.mode not in ("1", "L", "P", "RGB"):
        return image  # Pillow knows no transparent colour of these
    coloured = _eight_bit_note(image).convert("RGBA")
    laid = Image.alpha_composite(Image.new("RGBA", coloured.size, "white"), coloured).convert("RGB")
    return laid.convert("L") if MODES[image.mode] in (_to_grey, _itself) and image.mode != "RGB" else laid


VARIABLE = "LUTHIER_MEGAPIXELS"


DEFAULT, MOST = 50, 178
"""Million pixels; beyond the second Pillow itself refuses to read."""


def largest() -> int:
    """Return how many pixels a picture may have: 50 million, or LUTHIER_MEGAPIXELS million, from 1 to 178.

    Raises BadInput where it says anything else.
    """
    given = os.environ.get(VARIABLE) or str(DEFAULT)
    if not given.isdecimal() or not 1 <= int(given) <= MOST:
        raise BadInput(f"{VARIABLE} must be a whole number from 1 to {MOST}, but got {given!r}; set it to one")
    return 1_000_000 * int(given)


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
    """Decode the first frame of a picture: upright by its EXIF note, transparency laid on white, 16 bits scaled to 8.

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
        flat = flatten_mode(image)
        flat.load()  # to look for further frames may have taken Pillow away from the pixels of the first
        return Decoded(flat, mode, several)


def measure_size(content: bytes) -> tuple[int, int]:
    """Read the width and height of a picture, as it lies in the file, from its header.

    Raises BadPicture as `decode` does.
    """
    with _open(content) as image:
        return image.size


@contextmanager
def open_upright(content: bytes) -> Iterator[Image.Image]:
    """Open a picture upright by its EXIF note; any fault until it is closed is raised as BadPicture."""
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


KEY_BYTES = 16


def key(image: Image.Image) -> str:
    """Return 16 bytes, in hexadecimal, that are equal where mode, size and all pixels of two pictures are.

    They are the XXH3 (Yann Collet, 2019) of the picture as a PGM or PPM file, which is its size and its pixels. XXH3 is
    no cryptographic hash, and need be none: a key only says which pictures belong together, as duplicates and leaks. By
    chance two of a million pictures share one with a probability of 1e-27, and who forges a pair gains that the two are
    kept in one part. What must not be forged, the files, has a SHA-256 of its own.

    image: of the mode L or RGB.

    >>> one, other = Image.new("L", (3, 2)), Image.new("L", (2, 3))
    >>> key(one) == key(one.copy()), key(one) == key(other)
    (True, False)
    """
    file = _Hashed()
    image.save(file, "PPM")
    return file.known.hexdigest()


class _Hashed(io.BytesIO):
    """A file of which only the hash is kept, so that no second copy of a large picture is ever made."""

    def __init__(self) -> None:
        super().__init__()
        self.known = xxhash.xxh3_128()

    def write(self, content: Any) -> int:
        self.known.update(content)
        return len(content)
