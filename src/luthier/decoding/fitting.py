"""Bring one decoded picture to a square, with Pillow; what each fit means is told in data/resize.py."""

import numpy as np
from PIL import Image

from luthier.decoding.fit import Fit

BILINEAR = Image.Resampling.BILINEAR
"""Over the whole area that a pixel stands for, so that large reductions do not flicker."""


def fitted(pixels: np.ndarray, side: int, fit: Fit) -> np.ndarray:
    """Bring a picture (H, W, C), uint8, to (side, side, C).

    >>> fitted(np.full((3, 5, 1), 7, np.uint8), 6, "pad")[0:3, 3, 0].tolist()
    [0, 7, 7]
    """
    height, width, channels = pixels.shape
    if (height, width) == (side, side):
        return pixels
    image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
    return np.asarray(FITS[fit](image, side)).reshape(side, side, channels)


def _stretch(image: Image.Image, side: int) -> Image.Image:
    return image.resize((side, side), BILINEAR)


def _pad(image: Image.Image, side: int) -> Image.Image:
    shrink = min(1.0, side / max(image.size))
    width, height = (max(1, round(length * shrink)) for length in image.size)
    square = Image.new(image.mode, (side, side))
    square.paste(image.resize((width, height), BILINEAR), ((side - width) // 2, (side - height) // 2))
    return square


def _crop(image: Image.Image, side: int) -> Image.Image:
    """Cut first, so that a long thin picture is never enlarged whole."""
    factor = side / min(image.size)
    width, height = (max(side, round(length * factor)) for length in image.size)
    left, top = (width - side) // 2, (height - side) // 2
    across, down = image.width / width, image.height / height
    return image.resize(
        (side, side), BILINEAR, (left * across, top * down, (left + side) * across, (top + side) * down)
    )


FITS = {"crop": _crop, "pad": _pad, "resize": _stretch}
