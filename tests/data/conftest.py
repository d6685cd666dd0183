"""Small data in every form that the sources read."""

import gzip
import shutil
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from luthier.data import Dataset, download

from .https import Site, certificate, serving

STEMS = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def idx_bytes() -> Callable[[np.ndarray], bytes]:
    """The format by its definition: two zeros, the type's code, the number of dimensions, their sizes, the bytes."""

    def make(array: np.ndarray) -> bytes:
        sizes = struct.pack(f">{array.ndim}I", *array.shape)
        return bytes((0, 0, 8, array.ndim)) + sizes + array.tobytes()

    return make


@pytest.fixture
def idx_arrays(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Five training and three test pictures of 7 x 11 pixels, two classes."""
    return {
        STEMS[0]: rng.integers(0, 256, (5, 7, 11), np.uint8),
        STEMS[1]: np.array([1, 0, 1, 1, 0], np.uint8),
        STEMS[2]: rng.integers(0, 256, (3, 7, 11), np.uint8),
        STEMS[3]: np.array([0, 1, 1], np.uint8),
    }


@pytest.fixture
def write_idx(idx_arrays, idx_bytes) -> Callable[..., Path]:
    """Write the files into a folder; `spelling` changes each name, gz packs, `stems` chooses."""

    def write(folder: Path, *, gz: bool = True, dots: bool = False, stems: tuple[str, ...] = STEMS) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for stem in stems:
            name = stem.replace("-idx", ".idx") if dots else stem
            content = idx_bytes(idx_arrays[stem])
            (folder / f"{name}.gz").write_bytes(gzip.compress(content)) if gz else (folder / name).write_bytes(content)
        return folder

    return write


@pytest.fixture
def make_dataset(rng: np.random.Generator) -> Callable[..., Dataset]:
    """Rows of data with given labels, all different unless `inputs` says otherwise."""

    def make(labels, inputs=None, official_test=None, classes=None) -> Dataset:
        labels = np.asarray(labels, np.int64)
        if inputs is None:
            inputs = rng.random((len(labels), 3), np.float32)
        names = classes or tuple(f"class {k}" for k in range(labels.max() + 1))
        return Dataset("made", np.asarray(inputs), labels, names, official_test)

    return make


@pytest.fixture(scope="session")
def localhost_certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificate of the test server, is not installed")
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def site(localhost_certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site on this machine that this process and its children trust; attempts follow at once and give up soon."""
    monkeypatch.setenv("SSL_CERT_FILE", str(localhost_certificate))
    monkeypatch.setenv("no_proxy", "localhost")
    monkeypatch.delenv("LUTHIER_OFFLINE")
    monkeypatch.setattr(download, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr(download, "SILENCE", 0.3)
    monkeypatch.setattr(download, "WINDOW", 0.3)
    with serving(localhost_certificate) as site:
        yield site
