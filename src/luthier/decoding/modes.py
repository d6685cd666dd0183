"""What becomes of each of Pillow's modes: grey (L) or colour (RGB) of eight bits, on white where it is transparent.

NumPy, which takes as long to import as all the rest of a decoding process, is imported for the rare modes that need it.
"""

from collections.abc import Callable

from PIL import Image

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
    """Whether a picture has an alpha channel or a colour that stands for nothing."""
    return image.mode in TRANSPARENT or "transparency" in image.info


def _eight_bit_note(image: Image.Image) -> Image.Image:
    """Bring the transparent colour of a PNG of 16 bits a channel to 8 bits, as Pillow brings its pixels."""
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
