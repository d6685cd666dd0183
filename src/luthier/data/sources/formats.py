"""Files of arrays as they are published: IDX, .npz, CIFAR-10's records; and scikit-learn's digits.

Source of IDX: LeCun, Cortes and Burges, The MNIST database of handwritten digits, 1998 (the page describes the format).
"""

import gzip
import math
import zlib
from dataclasses import replace
from io import BufferedReader
from pathlib import Path

import numpy as np

from luthier.core.card import DataCard
from luthier.core.errors import BadInput
from luthier.core.memory import check_room
from luthier.data.config import ArrayForm, Task
from luthier.data.dataset import Dataset, with_groups, with_times, with_weights
from luthier.data.sources import arrays
from luthier.data.sources.npy import read_arrays
from luthier.data.units import KnownUnits, StatedUnits

IDX_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


UNSIGNED_BYTE = 8


CHUNK = 1 << 20


def read_idx(folder: Path, name: str, classes: tuple[str, ...] | None, *, to_learn: bool = True) -> Dataset:
    """Read a folder with the four files of IDX_FILES (the t10k pair is the official test part and may be absent)."""
    pairs = [_idx_pair(folder, *IDX_FILES[:2])]
    if find_idx(folder, IDX_FILES[2]) or find_idx(folder, IDX_FILES[3]):
        pairs.append(_idx_pair(folder, *IDX_FILES[2:]))
    test = pairs[1] if len(pairs) > 1 else None
    return replace(arrays.read(pairs[0], test=test, classes=classes, name=name, to_learn=to_learn), label_kind="text")


def find_idx(folder: Path, stem: str) -> Path | None:
    """Find a file by its stem, with or without .gz, with '-' or '.' before idx, as both are in use."""
    for spelling in (stem, stem.replace("-idx", ".idx")):
        for path in (folder / spelling, folder / f"{spelling}.gz"):
            if path.is_file():
                return path
    return None


def _idx_pair(folder: Path, images: str, labels: str) -> tuple[np.ndarray, np.ndarray]:
    return _array(folder, images, 3), _array(folder, labels, 1)


def _array(folder: Path, stem: str, dimensions: int) -> np.ndarray:
    path = find_idx(folder, stem)
    if path is None:
        raise BadInput(f"a folder of IDX files must hold {stem} or {stem}.gz, but {folder} does not; add the file")
    packed = path.suffix == ".gz"
    try:
        held = path.stat().st_size
        with gzip.open(path) if packed else path.open("rb") as file:
            shape = _read_header(path, file.read(4 + 4 * dimensions), dimensions)
            size = math.prod(shape)
            if not packed and held - file.tell() != size:
                raise _not_so_many(path, size, held - file.tell())
            check_room(path, math.prod(max(one, 1) for one in shape), held if packed else None)
            content = _read_rest(file, size)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"{path} must be readable, but is not ({error}); get it anew") from None
    if len(content) != size:
        raise _not_so_many(path, size, "more" if len(content) > size else len(content))
    return np.frombuffer(content, np.uint8).reshape(shape)


def _not_so_many(path: Path, size: int, held: int | str) -> BadInput:
    return BadInput(f"{path} must hold {size} bytes after its header, but holds {held}; get it anew")


def _read_header(path: Path, header: bytes, dimensions: int) -> tuple[int, ...]:
    """Return the shape that a header says."""
    if len(header) < 4 + 4 * dimensions or header[:4] != bytes((0, 0, UNSIGNED_BYTE, dimensions)):
        raise BadInput(
            f"{path} must be an IDX file of bytes in {dimensions} dimensions, but starts with {header[:4]!r}; "
            "get it anew"
        )
    return tuple(np.frombuffer(header, ">u4", dimensions, offset=4).tolist())


def _read_rest(file: gzip.GzipFile | BufferedReader, size: int) -> bytearray:
    """Read so many bytes and one more, in pieces: asking for all at once would reserve as much memory."""
    content = bytearray()
    while len(content) <= size and (piece := file.read(min(CHUNK, size + 1 - len(content)))):
        content += piece
    return content


PAIRS = (("X", "y"), ("x", "y"), ("x_train", "y_train"), ("X_train", "y_train"))


TEST_PAIRS = (("X_test", "y_test"), ("x_test", "y_test"))


def read_npz(
    path: Path,
    task: Task = "auto",
    form: ArrayForm = "auto",
    *,
    to_learn: bool = True,
    units: StatedUnits = "auto",
    like: KnownUnits | None = None,
) -> Dataset:
    """Read the file; nothing in it is ever unpickled.

    weights, groups, times: one for each example, those of X_test last. lengths, lengths_test: where X holds sequences
    (N, T, F), the steps of each, from 1 to T. units, like: as for `arrays.read`.
    """
    content = read_arrays(path)
    train = _npz_pair(content, PAIRS)
    if train is None:
        raise BadInput(
            f"{path} must hold arrays X and y, but holds {', '.join(content) or 'nothing'}; "
            "save it with np.savez(path, X=X, y=y)"
        )
    lone = [name for pair in TEST_PAIRS for name in pair if name in content and not _npz_pair(content, (pair,))]
    if lone and not _npz_pair(content, TEST_PAIRS):
        raise BadInput(f"{path} must hold both X_test and y_test or neither, but holds {lone[0]} alone; add the other")
    classes = tuple(map(str, np.ravel(content["classes"]).tolist())) if "classes" in content else None
    lengths = (content.get("lengths"), content.get("lengths_test"))
    dataset = arrays.read(
        train, _npz_pair(content, TEST_PAIRS), classes, path.stem, task, form=form, lengths=lengths, to_learn=to_learn,
        units=units, like=like,
    )  # fmt: skip
    dataset = replace(dataset, label_kind="text")
    for name, told in (("weights", with_weights), ("groups", with_groups), ("times", with_times)):
        dataset = told(dataset, content[name]) if name in content else dataset
    return dataset


def _npz_pair(
    content: dict[str, np.ndarray], names: tuple[tuple[str, str], ...]
) -> tuple[np.ndarray, np.ndarray] | None:
    for inputs, labels in names:
        if inputs in content and labels in content:
            return content[inputs], content[labels]
    return None


# CIFAR-10 as it is published for C: records of a label and 3,072 bytes.
#
# Source: Krizhevsky, Learning multiple layers of features from tiny images, 2009 (the page describes the format).


CIFAR_FILES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")


SHAPE = (3, 32, 32)


RECORD = 1 + 3 * 32 * 32


LARGEST_CIFAR = 100_000 * RECORD


def read_cifar(folder: Path, name: str, classes: tuple[str, ...] | None) -> Dataset:
    """Read a folder with the six files of FILES, the last of which is the official test part."""
    batches = [_batch(folder, stem) for stem in CIFAR_FILES]
    train = tuple(np.concatenate(both) for both in zip(*batches[:-1], strict=True))
    return arrays.read((train[0], train[1]), test=batches[-1], classes=classes, name=name)


def _batch(folder: Path, stem: str) -> tuple[np.ndarray, np.ndarray]:
    """Read pictures (N, 32, 32, 3) and their labels."""
    path = find_idx(folder, stem)
    if path is None:
        raise BadInput(f"a folder of CIFAR-10 must hold {stem}, but {folder} does not; add the file")
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(LARGEST_CIFAR + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"{path} must be readable, but is not ({error}); get it anew") from None
    if not content or len(content) % RECORD or len(content) > LARGEST_CIFAR:
        raise BadInput(f"{path} must hold records of {RECORD} bytes, but holds {len(content)} bytes; get it anew")
    records = np.frombuffer(content, np.uint8).reshape(-1, RECORD)
    return records[:, 1:].reshape(-1, *SHAPE).transpose(0, 2, 3, 1), records[:, 0]


CARD = DataCard(
    summary="1,797 handwritten digits of 8x8 pixels, bundled with scikit-learn.",
    source="Alpaydin and Kaynak, Optical recognition of handwritten digits, UCI repository, 1998",
    signs=True,
)


WHITE = 16


def read_digits() -> Dataset:
    """Read the digits; their 17 grey levels are spread over 0 to 255."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    pictures = np.rint(bunch.images * (255 / WHITE)).astype(np.uint8)[..., None]
    return Dataset("digits", pictures, bunch.target.astype(np.int64), tuple(map(str, range(10))))
