"""CIFAR-10 as it is published for C: records of a label and 3,072 bytes.

Source: Krizhevsky, Learning multiple layers of features from tiny images, 2009 (the page describes the format).
"""

import gzip
import zlib
from pathlib import Path

import numpy as np

from luthier.core.errors import BadInput
from luthier.data.dataset import Dataset
from luthier.data.sources import arrays
from luthier.data.sources.idx import find

FILES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")
SHAPE = (3, 32, 32)
RECORD = 1 + 3 * 32 * 32
LARGEST = 100_000 * RECORD


def read(folder: Path, name: str, classes: tuple[str, ...] | None) -> Dataset:
    """Read a folder with the six files of FILES, the last of which is the official test part."""
    batches = [_batch(folder, stem) for stem in FILES]
    train = tuple(np.concatenate(both) for both in zip(*batches[:-1], strict=True))
    return arrays.read((train[0], train[1]), test=batches[-1], classes=classes, name=name)


def _batch(folder: Path, stem: str) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (N, 32, 32, 3) and their labels."""
    path = find(folder, stem)
    if path is None:
        raise BadInput(f"a folder of CIFAR-10 must hold {stem}, but {folder} does not; add the file")
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"{path} must be readable, but is not ({error}); get it anew") from None
    if not content or len(content) % RECORD or len(content) > LARGEST:
        raise BadInput(f"{path} must hold records of {RECORD} bytes, but holds {len(content)} bytes; get it anew")
    records = np.frombuffer(content, np.uint8).reshape(-1, RECORD)
    return records[:, 1:].reshape(-1, *SHAPE).transpose(0, 2, 3, 1), records[:, 0]
