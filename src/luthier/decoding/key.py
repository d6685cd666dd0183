"""By what pictures of the same pixels are known."""

import io
from typing import Any

import xxhash
from PIL import Image

KEY_BYTES = 16


def key(image: Image.Image) -> str:
    """Give 16 bytes, in hexadecimal, that are equal where mode, size and all pixels of two pictures are.

    They are the XXH3 (Yann Collet, 2019) of the picture as a PGM or PPM file, which is its size and its pixels. XXH3 is
    no cryptographic hash, and need be none: a key only says which pictures belong together, as duplicates and leaks. By
    chance two of a million pictures share one with a probability of 1e-27, and who forges a pair gains that the two are
    kept in one part. What must not be forged, the files, has a SHA-256 of its own.

    image: of the mode L or RGB.

    >>> one, other = Image.new("L", (3, 2)), Image.new("L", (2, 3))
    >>> key(one) == key(one.copy()), key(one) == key(other)
    (True, False)
    """
    file = _Hashed()
    image.save(file, "PPM")
    return file.known.hexdigest()


class _Hashed(io.BytesIO):
    """A file of which only the hash is kept, so that no second copy of a large picture is ever made."""

    def __init__(self) -> None:
        super().__init__()
        self.known = xxhash.xxh3_128()

    def write(self, content: Any) -> int:
        self.known.update(content)
        return len(content)
