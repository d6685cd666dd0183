"""The table of modes, each by a pixel known beforehand."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from luthier.data.images.decode import MODES, BadPicture, decode, flatten_mode


def saved(image: Image.Image, form: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def palette(transparency: bytes | int | None = None) -> bytes:
    """One row of three colours."""
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8)).convert("P")
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    return saved(image, **({} if transparency is None else {"transparency": transparency}))


def pale() -> bytes:
    """One colour of a palette twice, the second time transparent."""
    image = Image.frombytes("PA", (2, 1), bytes([1, 255, 1, 0]))
    image.putpalette([0, 0, 0, 10, 20, 30])
    return saved(image, "TIFF")


def row(*pixels, dtype=np.uint8) -> Image.Image:
    return Image.fromarray(np.array([pixels], dtype))


def png16(colour: int, *values: int, transparent: tuple[int, ...] = ()) -> bytes:
    """One row of 16 bits a channel, which Pillow does not write. colour: 0 grey, 2 RGB, 4 grey and alpha, 6 RGBA."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    width = len(values) // {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, 1, 16, colour, 0, 0, 0))
    note = chunk(b"tRNS", struct.pack(f">{len(transparent)}H", *transparent)) if transparent else b""
    pixels = chunk(b"IDAT", zlib.compress(b"\0" + struct.pack(f">{len(values)}H", *values)))
    return b"\x89PNG\r\n\x1a\n" + header + note + pixels + chunk(b"IEND", b"")


def tiff(content: bytes, width: int, bits: int, white_is_zero: bool = False) -> bytes:
    """One row of grey, as the TIFF 6.0 specification describes it."""
    notes = [(256, width), (257, 1), (258, bits), (259, 1), (262, 0 if white_is_zero else 1), (273, 122), (277, 1),
             (278, 1), (279, len(content))]  # fmt: skip
    entries = b"".join(struct.pack("<HHIHH", tag, 3, 1, value, 0) for tag, value in notes)
    return b"II*\0" + struct.pack("<IH", 8, len(notes)) + entries + struct.pack("<I", 0) + content


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
    "I;16, white is 0": (tiff(struct.pack("<3H", 255, 300, 65535), 3, 16, white_is_zero=True), [255, 254, 0]),
    "I;16, of 12 bits": (tiff(bytes([0x01, 0x04, 0xD7, 0xFF, 0xF0]), 3, 12), [1, 77, 255]),
    "I;16, PNG": (png16(0, 0, 300, 65535), [0, 1, 255]),
    "I;16, one grey transparent": (png16(0, 0, 300, 301, transparent=(300,)), [0, 255, 1]),
    "L, white is 0": (tiff(bytes([0, 77, 255]), 3, 8, white_is_zero=True), [255, 178, 0]),
    "F": (saved(row(0, 0.2, 1, dtype=np.float32), "TIFF"), [0, 51, 255]),
    "P": (palette(), [[10, 20, 30], [40, 50, 60], [70, 80, 90]]),
    "P, one colour transparent": (palette(1), [[10, 20, 30], [255, 255, 255], [70, 80, 90]]),
    "P, half transparent": (palette(bytes([255, 51, 0])), [[10, 20, 30], [212, 214, 216], [255, 255, 255]]),
    "PA": (pale(), [[10, 20, 30], [255, 255, 255]]),
    "RGB": (saved(row((1, 2, 3), (4, 5, 6), (7, 8, 9))), [[1, 2, 3], [4, 5, 6], [7, 8, 9]]),
    "RGBA": (
        saved(row((9, 9, 9, 0), (0, 100, 200, 51), (1, 2, 3, 255))),
        [[255, 255, 255], [204, 224, 244], [1, 2, 3]],
    ),
    "RGB, 16 bits": (png16(2, 0, 300, 65535, 256 * 77 + 200, 1, 2), [[0, 1, 255], [77, 0, 0]]),
    "RGB, one of 16 bits transparent": (
        png16(2, 0, 300, 65535, 256 * 77 + 200, 1, 2, transparent=(0, 300, 65535)),
        [[255, 255, 255], [77, 0, 0]],
    ),
    "RGBA, grey of 16 bits": (png16(4, 256 * 77 + 200, 65535, 100, 0), [[77, 77, 77], [255, 255, 255]]),
    "RGBA, 16 bits": (png16(6, 0, 300, 65535, 65535, 9, 9, 9, 0), [[0, 1, 255], [255, 255, 255]]),
    "YCbCr": (
        saved(Image.frombytes("YCbCr", (2, 1), bytes([128, 128, 128, 76, 85, 255])), "TIFF"),
        [[128, 128, 128], [254, 0, 0]],
    ),
    "CMYK": (saved(INK, "TIFF"), [[255, 255, 255], [0, 255, 255], [0, 0, 0]]),
    "BMP": (saved(row((1, 2, 3), (4, 5, 6)), "BMP"), [[1, 2, 3], [4, 5, 6]]),
    "WebP": (saved(row((1, 2, 3), (4, 5, 6)), "WEBP", lossless=True), [[1, 2, 3], [4, 5, 6]]),
    "GIF": (saved(row(0, 77, 255), "GIF"), [[0, 0, 0], [77, 77, 77], [255, 255, 255]]),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_pixels(name):
    content, pixels = GOLDEN[name]
    found = decode(content)
    np.testing.assert_array_equal(np.asarray(found.image), np.array([pixels]))
    assert found.image.mode == ("L" if isinstance(pixels[0], int) else "RGB") and not found.several
    assert name.partition(",")[0] in (found.mode, "BMP", "WebP", "GIF")


def test_grey_stays_one_channel_and_colour_three():
    modes = {mode: decode(GOLDEN[mode][0]).image.mode for mode in ("1", "L", "LA", "I;16", "F", "P", "CMYK")}
    assert modes == {"1": "L", "L": "L", "LA": "L", "I;16": "L", "F": "L", "P": "RGB", "CMYK": "RGB"}


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan"), float("inf")])
def test_floats_that_do_not_say_what_white_is(value):
    with pytest.raises(BadPicture, match="has floats that are not all from 0, black, to 1, white; scale them"):
        decode(saved(row(0, value, dtype=np.float32), "TIFF"))


def test_32_bit_whole_numbers_do_not_say_what_white_is():
    with pytest.raises(BadPicture, match="has 32-bit whole numbers, which do not say what white is; save it with 8 or"):
        decode(saved(row(0, 255, dtype=np.int32), "TIFF"))


def test_a_mode_outside_the_table_is_refused():
    assert "LAB" not in MODES
    with pytest.raises(BadPicture, match=r"has the mode LAB, which is none of 1, CMYK, .*; save it as RGB"):
        decode(saved(Image.new("LAB", (3, 2)), "TIFF"))


def test_every_mode_of_the_table_is_brought_to_grey_or_colour():
    for mode in MODES.keys() - {"I", "I;16L"}:
        assert flatten_mode(Image.new(mode, (3, 2))).mode in ("L", "RGB"), mode
