"""The curve of a learning-rate finder as a picture: one PNG file."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from luthier.core.errors import BadInput

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw


WIDTH, HEIGHT = 800, 500


LEFT, RIGHT, TOP, BOTTOM = 80, 24, 48, 64


INK, GRID, RAW, LINE, MARK = "#222222", "#dddddd", "#b9cde4", "#1f5fa8", "#b3261e"


ROOM = 1.6
"""Height of the picture over that from the lowest smoothed loss to the first: what bursts goes out at the top."""


def check_picture(path: Path) -> None:
    """Raise BadInput unless a path is that of a PNG file in an existing folder."""
    if path.suffix.lower() != ".png":
        raise BadInput(f"the curve is a .png file, but got {str(path)!r}; pass --out learning-rate.png")
    if path.is_dir() or not path.parent.is_dir():
        raise BadInput(
            f"the curve is a file in an existing folder, but got {str(path)!r}; pass --out learning-rate.png"
        )


def save_rates(
    path: Path, rates: Sequence[float], losses: Sequence[float], smoothed: Sequence[float], suggestion: float | None
) -> None:
    """Draw losses over learning rates, on a logarithmic axis, with the suggested rate, and save them as a PNG file.

    Raises BadInput where the path cannot be one.
    """
    from PIL import Image, ImageDraw

    check_picture(path)
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(picture)
    low, high = min(smoothed), max(smoothed[: len(smoothed) // 2 + 1])
    top = low + ROOM * ((high - low) or 1.0)
    _axes(draw, rates, low, top)
    for values, colour, width in ((losses, RAW, 1), (smoothed, LINE, 3)):
        places = [
            (_across(rate, rates), _upward(min(one, top), low, top)) for rate, one in zip(rates, values, strict=True)
        ]
        draw.line(places, fill=colour, width=width)
    if suggestion is not None:
        x = _across(suggestion, rates)
        draw.line([(x, TOP), (x, HEIGHT - BOTTOM)], fill=MARK, width=2)
        draw.text((x + 6, TOP + 4), f"suggested {suggestion:.2g}", fill=MARK, font_size=16)
    try:
        picture.save(path)
    except OSError as error:
        raise BadInput(f"{path} must be a file to write to, but is not ({error.strerror}); use --out") from None


def _axes(draw: "ImageDraw", rates: Sequence[float], low: float, top: float) -> None:
    for power in range(math.ceil(math.log10(rates[0])), math.floor(math.log10(rates[-1])) + 1):
        x = _across(10.0**power, rates)
        draw.line([(x, TOP), (x, HEIGHT - BOTTOM)], fill=GRID)
        draw.text((x, HEIGHT - BOTTOM + 8), f"{10.0**power:.0e}", fill=INK, font_size=14, anchor="ma")
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        loss = low + share * (top - low)
        y = _upward(loss, low, top)
        draw.line([(LEFT, y), (WIDTH - RIGHT, y)], fill=GRID)
        draw.text((LEFT - 8, y), f"{loss:.3g}", fill=INK, font_size=14, anchor="rm")
    draw.text((LEFT, 14), "training loss, as it came and smoothed", fill=INK, font_size=16)
    draw.text(((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12), "learning rate", fill=INK, font_size=16, anchor="ms")


def _across(rate: float, rates: Sequence[float]) -> float:
    share = math.log(rate / rates[0]) / math.log(rates[-1] / rates[0])
    return LEFT + share * (WIDTH - RIGHT - LEFT)


def _upward(loss: float, low: float, top: float) -> float:
    return HEIGHT - BOTTOM - (max(loss, low) - low) / (top - low) * (HEIGHT - BOTTOM - TOP)
