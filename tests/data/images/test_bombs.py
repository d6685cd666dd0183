"""Small files that claim to be, or to unpack to, something huge: refused, and memory stays where it was."""

import io
import json
import struct
import subprocess
import sys
import zlib

import pytest
from PIL import Image

HUGE = 60_000
MOST = 200 << 20
"""Bytes by which memory may rise."""


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(*more: bytes, side: int = 4, behind: bool = False) -> bytes:
    """A grey picture with further chunks before its pixels, or behind them."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(20)))
    parts = [header, pixels, *more] if behind else [header, *more, pixels]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def gif(screen: int, frame: int) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", screen, screen, 0x80, 0, 0) + bytes(6)
    return head + b"\x2c" + struct.pack("<HHHHB", 0, 0, frame, frame, 0) + b"\x02\x02\x44\x01\x00;"


def tiff(side: int) -> bytes:
    notes = [(256, side), (257, side), (258, 8), (259, 1), (262, 1), (273, 122), (277, 1), (278, side), (279, 9)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in notes)
    return b"II*\0" + struct.pack("<IH", 8, len(notes)) + entries + struct.pack("<I", 0)


def webp(side: int) -> bytes:
    content = b"\x2f" + struct.pack("<I", (side - 1) | (side - 1) << 14)
    return b"RIFF" + struct.pack("<I", 12 + len(content)) + b"WEBPVP8L" + struct.pack("<I", len(content)) + content


def jpeg(side: int) -> bytes:
    frame = b"\xff\xc0" + struct.pack(">HBHHBBBB", 11, 8, side, side, 1, 1, 0x11, 0)
    return b"\xff\xd8" + frame + b"\xff\xda" + struct.pack(">HBBBBBB", 8, 1, 1, 0, 0, 63, 0) + bytes(50) + b"\xff\xd9"


ENDLESS = zlib.compress(bytes(300 << 20), 1)
SOME = zlib.compress(b"a" * 1_000_000)
BMP = b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, HUGE, HUGE, 1, 24, 0, 0, 0, 0, 0, 0)
UNREADABLE = "cannot be read (Decompressed data too large"

BOMBS = {
    "png": (png(side=HUGE), "must have at most 50000000 pixels, but has more"),
    "png, a little too large": (png(side=7_100), "must have at most 50000000 pixels, but has 7100x7100"),
    "bmp": (BMP, "must have at most 50000000 pixels"),
    "gif": (gif(HUGE, HUGE), "must have at most 50000000 pixels"),
    "gif, a frame beyond its screen": (gif(5, HUGE), "must have at most 50000000 pixels"),
    "tiff": (tiff(HUGE), "must have at most 50000000 pixels"),
    "webp": (webp(16_383), "must have at most 50000000 pixels"),
    "jpeg": (jpeg(HUGE), "must have at most 50000000 pixels"),
    "packed text": (png(chunk(b"zTXt", b"n\0\0" + ENDLESS)), UNREADABLE),
    "packed Unicode text": (png(chunk(b"iTXt", b"n\0\1\0\0\0" + ENDLESS)), UNREADABLE),
    "text behind the pixels": (png(chunk(b"zTXt", b"n\0\0" + ENDLESS), behind=True), UNREADABLE),
    "colour profile": (png(chunk(b"iCCP", b"n\0\0" + ENDLESS)), UNREADABLE),
    "many texts": (png(*[chunk(b"zTXt", b"n\0\0" + SOME)] * 300), "cannot be read (Too much memory"),
    "a header alone": (tiff(7_000), "cannot be read (image file is truncated"),
}
TRY = """
import json, re, sys
from pathlib import Path
from luthier.data.check.scan import describe_file, read_facts
from luthier.data.images.decode import decode
def peak():
    return int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) << 10
before, said = peak(), {}
for path in map(Path, sys.argv[1:]):
    content = path.read_bytes()
    try:
        said[path.name] = decode(content).mode
    except ValueError as error:
        said[path.name] = str(error)
    read_facts(content) or describe_file(content)
    said[path.name] = said[path.name], peak() - before
print(json.dumps(said))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
def test_bombs_are_refused_and_take_no_memory(tmp_path):
    """The last is none, and takes what it needs: without it nobody would know that the peak is seen."""
    file = io.BytesIO()
    Image.new("RGB", (7_000, 7_000)).save(file, "BMP")
    files = {name: content for name, (content, said) in BOMBS.items()} | {"allowed": file.getvalue()}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    command = [sys.executable, "-c", TRY, *(tmp_path / name for name in files)]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    for name, (_, said) in BOMBS.items():
        assert said in found[name][0], name
        assert found[name][1] < MOST, name
    assert found["allowed"][0] == "RGB" and found["allowed"][1] > MOST
