"""IDX files, gzipped or not: the form in which MNIST and its kin are published.

Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits, 1998 (the page describes the format).
"""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from luthier.core.errors import BadInput
from luthier.data.dataset import Dataset
from luthier.data.sources import arrays

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
UNSIGNED_BYTE = 8
LARGEST = 1 << 32
CHUNK = 1 << 20


def read(folder: Path, name: str, classes: tuple[str, ...] | None, *, to_learn: bool = True) -> Dataset:
    """Read a folder with the four files of FILES (the t10k pair is the official test part and may be absent)."""
    pairs = [_pair(folder, *FILES[:2])]
    if find(folder, FILES[2]) or find(folder, FILES[3]):
        pairs.append(_pair(folder, *FILES[2:]))
    test = pairs[1] if len(pairs) > 1 else None
    return arrays.read(pairs[0], test=test, classes=classes, name=name, to_learn=to_learn)


def find(folder: Path, stem: str) -> Path | None:
    """Find a file by its stem, with or without .gz, written with '-' or '.' before idx as both are in use."""
    for spelling in (stem, stem.replace("-idx", ".idx")):
        for path in (folder / spelling, folder / f"{spelling}.gz"):
            if path.is_file():
                return path
    return None


def _pair(folder: Path, images: str, labels: str) -> tuple[np.ndarray, np.ndarray]:
    return _array(folder, images, 3), _array(folder, labels, 1)


def _array(folder: Path, stem: str, dimensions: int) -> np.ndarray:
    path = find(folder, stem)
    if path is None:
        raise BadInput(f"a folder of IDX files must hold {stem} or {stem}.gz, but {folder} does not; add the file")
    content = _content(path)
    header = 4 + 4 * dimensions
    if len(content) < header or content[:4] != bytes((0, 0, UNSIGNED_BYTE, dimensions)):
        raise BadInput(
            f"{path} must be an IDX file of bytes in {dimensions} dimensions, but starts with {bytes(content[:4])!r}; "
            "get it anew"
        )
    shape = np.frombuffer(content, ">u4", dimensions, offset=4).astype(int).tolist()
    if len(content) - header != math.prod(shape):
        raise BadInput(
            f"{path} must hold {math.prod(shape)} bytes after its header, but holds {len(content) - header}; "
            "get it anew"
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _content(path: Path) -> bytearray:
    """Read and unpack a file piece by piece: asking for all that is allowed at once would reserve as much memory."""
    content = bytearray()
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            while len(content) <= LARGEST and (piece := file.read(CHUNK)):
                content += piece
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"{path} must be readable, but is not ({error}); get it anew") from None
    if len(content) > LARGEST:
        raise BadInput(f"{path} must unpack to at most {LARGEST} bytes, but is larger; split it")
    return content
