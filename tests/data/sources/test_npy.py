"""Files of arrays by NumPy: read as NumPy reads them; what is no plain array is refused before it takes memory."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from luthier.core import memory
from luthier.core.errors import BadInput
from luthier.data.sources.npy import read_array, read_arrays

ARRAYS = {
    "bytes": np.arange(30, dtype=np.uint8).reshape(2, 3, 5),
    "floats": np.asfortranarray(np.linspace(0, 1, 6).reshape(2, 3)),
    "big-endian": np.array([1, 2, 3], ">i4"),
    "texts": np.array(["a", "\U0001f600b"]),
    "big-endian texts": np.array(["a", "\U0001f600b"], ">U2"),
    "days": np.array(["2026-01-02"], "M8[D]"),
    "booleans": np.array([True, False]),
    "a number": np.array(3),
    "none": np.zeros((0, 7)),
}
FILES = pytest.mark.parametrize("suffix", ["npy", "npz"])


def write(path: Path, content: bytes) -> Path:
    """Write the content of an .npy file as such, or as the member X of an .npz."""
    if path.suffix == ".npy":
        path.write_bytes(content)
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("X.npy", content)
    return path


def saved(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def header(shape: tuple[int, ...], kind: str = "|u1") -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": kind, "fortran_order": False, "shape": shape})
    return file.getvalue()


def read(path: Path) -> np.ndarray:
    return read_array(path) if path.suffix == ".npy" else read_arrays(path)["X"]


def refusal(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        read(path)
    (line,) = caught.value.problems
    return line


@FILES
@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_are_read_as_numpy_reads_them(tmp_path, suffix, name):
    path = write(tmp_path / f"one.{suffix}", saved(ARRAYS[name]))
    np.testing.assert_array_equal(read(path), ARRAYS[name], strict=True)


def test_only_what_is_wanted_is_read(tmp_path):
    np.savez(tmp_path / "some.npz", X=np.ones(3), lengths=np.arange(2), notes=np.array([{}], object))
    found = read_arrays(tmp_path / "some.npz", ("X", "lengths", "missing"))
    assert {name: array.tolist() for name, array in found.items()} == {"X": [1, 1, 1], "lengths": [0, 1]}


@FILES
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (header((1 << 40,)) + b"few", "its header says 1099511627776 bytes, but it holds 3"),
        (header((-3, 2)) + bytes(9), r"it holds uint8 of shape (-3, 2)"),
        (header((3,), "<U0"), "it holds <U0 of shape (3,)"),
        (header((1 << 62, 1 << 62, 0)), None),
        (header((1,), "|V3") + b"abc", "it holds |V3 of shape (1,)"),
        (saved(np.array([{}], object)), "it holds objects"),
        (header((1,), "<U1") + b"\0\0\x11\0", "it holds texts that are not Unicode"),
        (header((1,), ">U1") + b"\0\x11\0\0", "it holds texts that are not Unicode"),
        (b"\x93NUMPY\x03\0\x01\0\0\0 ", "it is of version 3.0"),
        (b"nothing", None),
    ],
    ids=["cut", "negative", "empty texts", "endless", "structure", "objects", "no text", "no text >", "3", "nothing"],
)
def test_what_is_no_plain_array_is_refused(tmp_path, suffix, content, reason):
    path = write(tmp_path / f"one.{suffix}", content)
    kind = "npy array of numbers or texts" if suffix == "npy" else "npz file of plain arrays"
    said = refusal(path)
    if content == header((1 << 62, 1 << 62, 0)):
        assert said.startswith(f"{path} must take at most ")
    else:
        assert said.startswith(f"{path} must be an .{kind}, but is not ({reason or ''}")


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "one.npz").write_bytes(saved(np.ones(3)))
    assert refusal(tmp_path / "one.npz").startswith(
        f"{tmp_path / 'one.npz'} must be an .npz file of plain arrays, but is not (File is not a zip file)"
    )


def test_a_bomb_is_refused_by_its_header(tmp_path, monkeypatch):
    """Zeros pack to a thousandth; an archive of few bytes is read all the same, and so is one that is not packed."""
    zeros = np.zeros((500, 600))
    np.savez_compressed(tmp_path / "bomb.npz", X=zeros)
    np.savez(tmp_path / "plain.npz", X=zeros)
    assert read(tmp_path / "bomb.npz").shape == zeros.shape
    monkeypatch.setattr(memory, "LEAST_TOTAL", 1 << 20)
    assert read(tmp_path / "plain.npz").shape == zeros.shape
    monkeypatch.setattr(np.lib.format, "read_array", None)
    assert refusal(tmp_path / "bomb.npz").startswith(f"{tmp_path / 'bomb.npz'} must take at most ")
    monkeypatch.undo()
    monkeypatch.setattr(memory, "LEAST_TOTAL", 1 << 20)
    monkeypatch.setenv("LUTHIER_MEGABYTES", "3")
    assert read(tmp_path / "bomb.npz").shape == zeros.shape
