"""Checkpoints that are not what they were, and honest seals on dishonest ones."""

import json
import random
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

SEPARATORS = (",", ":")


def flipped(content: bytes, place: int, bit: int) -> bytes:
    """The content with one bit turned."""
    return content[:place] + bytes([content[place] ^ (1 << bit)]) + content[place + 1 :]


def header_size(safetensors: bytes) -> int:
    """Bytes of a safetensors file before its tensors: the length of the header and the header."""
    return 8 + int.from_bytes(safetensors[:8], "little")


def damaged_tensors(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Each byte of the header with a bit turned, 1000 bits of the tensors, all sorts of wrong lengths."""
    chance = random.Random(0)
    size = header_size(content)
    for place in range(size):
        yield f"header byte {place}", flipped(content, place, chance.randrange(8))
    for _ in range(1000):
        place, bit = chance.randrange(size, len(content)), chance.randrange(8)
        yield f"bit {bit} of byte {place}", flipped(content, place, bit)
    for length in (0, 1, 7, 8, size - 1, size, *range(size, len(content), 97), len(content) - 1):
        yield f"cut to {length}", content[:length]
    yield "one byte longer", content + b"\0"
    yield "zeros", bytes(len(content))


def damaged_manifests(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Each byte with a bit turned, each digit turned into an exponent, wrong lengths, JSON beyond all bounds."""
    chance = random.Random(0)
    for place, byte in enumerate(content):
        yield f"byte {place}", flipped(content, place, chance.randrange(8))
        if 0x30 <= byte <= 0x39:
            yield f"digit {place} as e", content[:place] + b"e" + content[place + 1 :]
    for length in (*range(0, len(content), 97), len(content) - 1):
        yield f"cut to {length}", content[:length]
    yield "a line more", content + b"\n"
    yield "zeros", bytes(len(content))
    yield "nested", b"[" * 100_000
    yield "nested and closed", b"[" * 900 + b"]" * 900
    for value in (b"NaN", b"Infinity", b"1e999", b'"\\ud800"', b"[" * 900 + b"]" * 900):
        yield f"{value[:9]!r} for a tree", b'{"tree":' + value + b',"seal":""}'
        yield f"{value[:9]!r} in a tree", b'{"tree":{"format":' + value + b'},"seal":""}'


def body_of(manifest: Path) -> dict[str, Any]:
    """What a manifest says."""
    return {key: one for key, one in json.loads(manifest.read_bytes()).items() if key != "seal"}


def seal(path: Path, body: dict[str, Any]) -> None:
    """Write a manifest or a result that says something, with the seal that belongs to it."""
    path.write_text(_text({**body, "seal": sha256(_text(body).encode()).hexdigest()}))


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2) + "\n"


def swap_tensors(manifest: Path, tensors: bytes) -> None:
    """Put other tensors beside a manifest, and their checksum into it."""
    manifest.with_suffix(".safetensors").write_bytes(tensors)
    seal(manifest, {**body_of(manifest), "sha256": sha256(tensors).hexdigest()})
