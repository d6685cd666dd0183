"""A small picture inside a page, as a data URI."""

import base64
import io

import numpy as np
from PIL import Image

SIDE = 64
GREY_AND_ALPHA, COLOURS = 2, 3
WHITE = 255


def thumbnail(picture: np.ndarray) -> str:
    """Write a picture (H, W, C), C up to 4, as the data URI of a PNG of at most 64 pixels a side.

    Floats are spread from their least to black and from their largest to white.

    >>> thumbnail(np.zeros((3, 5, 1), np.uint8))[:22]
    'data:image/png;base64,'
    """
    plain = picture if picture.dtype == np.uint8 else _spread(picture)
    shown = plain[..., 0] if plain.shape[2] <= GREY_AND_ALPHA else plain[..., :COLOURS]
    image = Image.fromarray(np.ascontiguousarray(shown))
    image.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _spread(picture: np.ndarray) -> np.ndarray:
    values = np.nan_to_num(picture.astype(np.float64), posinf=0, neginf=0)
    least, most = values.min(), values.max()
    scale = WHITE / (most - least) if most > least else 0.0
    found: np.ndarray = np.rint((values - least) * scale).astype(np.uint8)
    return found
