"""Files of arrays by NumPy, .npy and .npz: nothing in them is ever unpickled, nor unpacked before it has room."""

import math
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from luthier.core.errors import BadInput
from luthier.core.memory import check_room

KINDS = "biufcSUMm"
"""NumPy's kinds of plain types: booleans, numbers, texts and times."""


LAST_CHARACTER = 0x10FFFF


def read_array(path: Path) -> np.ndarray:
    """Read an .npy file; raise BadInput where it is none, or has no room in memory."""
    try:
        with path.open("rb") as file:
            check_room(path, _measure(file, path.stat().st_size))
            file.seek(0)
            return _read(file)
    except BadInput:
        raise
    except Exception as error:  # NumPy lets through whatever a damaged header makes it meet
        raise BadInput(
            f"{path} must be an .npy array of numbers or texts, but is not ({_reason(error)}); save it with np.save "
            "and no objects"
        ) from None


def read_arrays(path: Path, names: Collection[str] | None = None) -> dict[str, np.ndarray]:
    """Read the arrays of an .npz file by name; raise BadInput where it is none, or they have no room in memory.

    names: of the arrays that are wanted, where they are there; by default all.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {one.filename.removesuffix(".npy"): one for one in archive.infolist()}
            wanted = {name: one for name, one in members.items() if names is None or name in names}
            sizes = [_measure_member(archive, one) for one in wanted.values()]
            check_room(path, sum(sizes), sum(one.compress_size for one in wanted.values()))
            return {name: _read_member(archive, one) for name, one in wanted.items()}
    except BadInput:
        raise
    except Exception as error:  # zipfile and NumPy let through whatever a damaged archive or header makes them meet
        raise BadInput(
            f"{path} must be an .npz file of plain arrays, but is not ({_reason(error)}); save it with np.savez and no "
            "objects"
        ) from None


def _measure_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    with archive.open(member) as file:
        return _measure(file, member.file_size)


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(member) as file:
        return _read(file)


def _read(file: IO[bytes]) -> np.ndarray:
    """Read an array; raise ValueError where it holds texts that are none."""
    array = np.asarray(npy.read_array(file, allow_pickle=False))
    if array.dtype.kind == "U":
        letters = np.ravel(array).view(np.dtype(np.uint32).newbyteorder(array.dtype.byteorder))
        if letters.max(initial=0) > LAST_CHARACTER:
            raise ValueError("it holds texts that are not Unicode")
    return array


HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
"""Version 3 is for structures of fields, which are no plain arrays."""


def _measure(file: IO[bytes], held: int) -> int:
    """Return the bytes that an array takes in memory, by its header; an axis of length 0 counts as one of 1.

    held: bytes of the file, the header included. Raises ValueError where it is no plain array, or holds fewer bytes
    than its header says: NumPy would ask for the memory of all of them first.
    """
    version = npy.read_magic(file)
    if version not in HEADERS:
        raise ValueError(f"it is of version {version[0]}.{version[1]}")
    shape, _, kind = HEADERS[version](file)
    if kind.hasobject:
        raise ValueError("it holds objects")
    if kind.kind not in KINDS or not kind.itemsize or min(shape, default=0) < 0:
        raise ValueError(f"it holds {kind} of shape {shape}")
    size = math.prod(shape) * kind.itemsize
    if size > held - file.tell():
        raise ValueError(f"its header says {size} bytes, but it holds {held - file.tell()}")
    return math.prod(max(one, 1) for one in shape) * kind.itemsize


def _reason(error: Exception) -> str:
    return str(error).partition(". ")[0] or type(error).__name__  # what follows is how to load pickles
