"""What a file becomes before its pixels are looked at: upright, one frame, within the limits."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from luthier.data.images.decode import LARGEST, BadPicture, decode, measure_size

SEEN = np.kron(np.array([[0, 80, 160], [60, 140, 220]], np.uint8), np.ones((16, 16), np.uint8))
"""Two rows of three areas."""
STORED = {
    1: SEEN, 2: SEEN[:, ::-1], 3: SEEN[::-1, ::-1], 4: SEEN[::-1], 5: SEEN.T, 6: np.rot90(SEEN),
    7: SEEN[::-1, ::-1].T, 8: np.rot90(SEEN, -1),
}  # fmt: skip
"""What a camera stores, by the note that it leaves: EXIF 2.3, tag 274."""


def saved(image: Image.Image, form: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", STORED)
def test_a_photograph_is_turned_as_its_note_says(orientation, form):
    exif = Image.Exif()
    exif[274] = orientation
    image = Image.fromarray(np.ascontiguousarray(STORED[orientation]))
    found = decode(saved(image, form, exif=exif))
    pixels = np.asarray(found.image.convert("L"))
    assert pixels.shape == SEEN.shape
    np.testing.assert_allclose(pixels[8::16, 8::16], SEEN[8::16, 8::16], atol=6)


@pytest.mark.parametrize("form", ["GIF", "PNG", "TIFF", "WEBP"])
def test_of_several_frames_the_first_is_taken(form):
    frames = [Image.new("RGB", (5, 3), colour) for colour in ((250, 0, 0), (0, 250, 0), (0, 0, 250))]
    options = {"lossless": True} if form == "WEBP" else {}
    found = decode(saved(frames[0], form, save_all=True, append_images=frames[1:], **options))
    assert found.several and found.image.size == (5, 3)
    assert (np.asarray(found.image) == [250, 0, 0]).all()


ASSETS = Path(__file__).parent / "assets"


@pytest.mark.parametrize("name", ["forgets-its-pixels.gif"])
def test_looking_for_further_frames_may_lose_the_pixels_of_the_first(name):
    """Pillow goes back to the first frame of this one, but reads it only when it is next asked for its pixels."""
    found = decode((ASSETS / name).read_bytes())
    assert found.several and found.image.size == (23, 17) and np.asarray(found.image).std() > 0


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that claims to be huge."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(("side", "said"), [(7_100, "7100x7100"), (10_000, "10000x10000"), (60_000, "more")])
@pytest.mark.parametrize("reads", [decode, measure_size])
def test_a_bomb_is_refused_by_its_header(reads, side, said):
    with pytest.raises(BadPicture) as caught:
        reads(bomb(side))
    assert (
        str(caught.value)
        == f"must have at most {LARGEST} pixels, but has {said}; scale it down, or allow more with LUTHIER_MEGAPIXELS"
    )


def test_a_text_of_a_png_that_unpacks_without_end_is_refused():
    """Pillow's own limit, which must stay on: 1 MB of text."""
    text = zlib.compress(b"a" * (100 << 20))
    content = b"note\0\0" + text
    chunk = struct.pack(">I", len(content)) + b"zTXt" + content + struct.pack(">I", zlib.crc32(b"zTXt" + content))
    whole = saved(Image.new("L", (3, 2)), "PNG")
    with pytest.raises(BadPicture, match=r"cannot be read \(Decompressed data too large"):
        decode(whole[:33] + chunk + whole[33:])


@pytest.mark.parametrize("form", ["PPM", "TGA", "ICO", "PCX"])
def test_other_formats_are_refused_whatever_pillow_could(form):
    content = saved(Image.new("RGB", (16, 16)), form)
    Image.open(io.BytesIO(content), formats=[form])
    with pytest.raises(BadPicture, match=r"must be a picture \(BMP, GIF, JPEG, PNG, TIFF, WEBP\), but cannot be read"):
        decode(content)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0", b"RIFF\0\0\0\0WEBP"])
def test_what_is_no_picture(content):
    with pytest.raises(BadPicture) as caught:
        decode(content)
    assert "0x" not in str(caught.value) and "BytesIO object" not in str(caught.value)


def test_the_size_is_read_from_the_header():
    content = saved(Image.fromarray(SEEN), "JPEG")
    assert measure_size(content[:-20]) == SEEN.shape[::-1]
    with pytest.raises(BadPicture, match="truncated"):
        decode(content[:-20])
