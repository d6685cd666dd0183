"""The table of modes, each by a pixel known beforehand."""

import io

import numpy as np
import pytest
from PIL import Image

from luthier.decoding.decode import decoded
from luthier.decoding.modes import MODES, BadPicture, flattened


def saved(image: Image.Image, form: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def palette(transparency: bytes | int | None = None) -> bytes:
    """One row of three colours."""
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8)).convert("P")
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    return saved(image, **({} if transparency is None else {"transparency": transparency}))


def row(*pixels, dtype=np.uint8) -> Image.Image:
    return Image.fromarray(np.array([pixels], dtype))


INK = Image.frombytes("CMYK", (3, 1), bytes([0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255]))
GREY, COLOUR = "grey", "colour"

GOLDEN = {
    "1": (saved(row(False, True, False, dtype=bool)), [0, 255, 0]),
    "L": (saved(row(0, 77, 255)), [0, 77, 255]),
    "L, one grey transparent": (saved(row(0, 77, 200), transparency=77), [0, 255, 200]),
    "LA": (saved(Image.merge("LA", [row(0, 100, 200), row(0, 51, 255)])), [255, 224, 200]),
    "I;16": (saved(row(0, 256 * 77 + 200, 65535, dtype=np.uint16)), [0, 77, 255]),
    "I;16, TIFF": (saved(row(255, 300, 65535, dtype=np.uint16), "TIFF"), [0, 1, 255]),
    "I;16B": (saved(row(255, 300, 65535, dtype=">u2"), "TIFF"), [0, 1, 255]),
    "F": (saved(row(0, 0.2, 1, dtype=np.float32), "TIFF"), [0, 51, 255]),
    "P": (palette(), [[10, 20, 30], [40, 50, 60], [70, 80, 90]]),
    "P, one colour transparent": (palette(1), [[10, 20, 30], [255, 255, 255], [70, 80, 90]]),
    "P, half transparent": (palette(bytes([255, 51, 0])), [[10, 20, 30], [212, 214, 216], [255, 255, 255]]),
    "RGB": (saved(row((1, 2, 3), (4, 5, 6), (7, 8, 9))), [[1, 2, 3], [4, 5, 6], [7, 8, 9]]),
    "RGBA": (
        saved(row((9, 9, 9, 0), (0, 100, 200, 51), (1, 2, 3, 255))),
        [[255, 255, 255], [204, 224, 244], [1, 2, 3]],
    ),
    "CMYK": (saved(INK, "TIFF"), [[255, 255, 255], [0, 255, 255], [0, 0, 0]]),
    "BMP": (saved(row((1, 2, 3), (4, 5, 6)), "BMP"), [[1, 2, 3], [4, 5, 6]]),
    "WebP": (saved(row((1, 2, 3), (4, 5, 6)), "WEBP", lossless=True), [[1, 2, 3], [4, 5, 6]]),
    "GIF": (saved(row(0, 77, 255), "GIF"), [[0, 0, 0], [77, 77, 77], [255, 255, 255]]),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_pixels(name):
    content, pixels = GOLDEN[name]
    found = decoded(content)
    np.testing.assert_array_equal(np.asarray(found.image), np.array([pixels]))
    assert found.image.mode == ("L" if isinstance(pixels[0], int) else "RGB") and not found.several
    assert name.partition(",")[0] in (found.mode, "BMP", "WebP", "GIF")


def test_grey_stays_one_channel_and_colour_three():
    modes = {mode: decoded(GOLDEN[mode][0]).image.mode for mode in ("1", "L", "LA", "I;16", "F", "P", "CMYK")}
    assert modes == {"1": "L", "L": "L", "LA": "L", "I;16": "L", "F": "L", "P": "RGB", "CMYK": "RGB"}


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan"), float("inf")])
def test_floats_that_do_not_say_what_white_is(value):
    with pytest.raises(BadPicture, match="has floats that are not all from 0, black, to 1, white; scale them"):
        decoded(saved(row(0, value, dtype=np.float32), "TIFF"))


def test_32_bit_whole_numbers_do_not_say_what_white_is():
    with pytest.raises(BadPicture, match="has 32-bit whole numbers, which do not say what white is; save it with 8 or"):
        decoded(saved(row(0, 255, dtype=np.int32), "TIFF"))


def test_a_mode_outside_the_table_is_refused():
    assert "LAB" not in MODES
    with pytest.raises(BadPicture, match=r"has the mode LAB, which is none of 1, CMYK, .*; save it as RGB"):
        decoded(saved(Image.new("LAB", (3, 2)), "TIFF"))


def test_every_mode_of_the_table_is_brought_to_grey_or_colour():
    for mode in MODES.keys() - {"I", "I;16L"}:
        assert flattened(Image.new(mode, (3, 2))).mode in ("L", "RGB"), mode
