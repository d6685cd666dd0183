"""Brings one decoded picture to a square, with Pillow; data/loader.py describes what each fit means."""

from typing import Literal

from PIL import Image

Fit = Literal["resize", "pad", "crop"]
"""resize stretches both sides; pad shrinks and centres on zeros; crop fills the square and keeps the centre."""


BILINEAR = Image.Resampling.BILINEAR
"""Over the whole area that a pixel stands for, so that large reductions do not flicker."""


def fit_image(image: Image.Image, side: int, fit: Fit) -> Image.Image:
    """Crop, pad or stretch a picture, L or RGB, to a square of the same mode.

    side: pixels, at least 1.

    >>> square = fit_image(Image.new("L", (5, 3), 7), 6, "pad")
    >>> [square.getpixel((3, y)) for y in range(3)]
    [0, 7, 7]
    """
    return image if image.size == (side, side) else FITS[fit](image, side)


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
