"""CIFAR-10's binary batches, made by their definition."""

import gzip

import numpy as np
import pytest

from luthier.core.errors import BadInput
from luthier.data import load
from luthier.data.sources.formats import CIFAR_FILES


@pytest.fixture
def batches(rng):
    """Twenty records in each file: a label, then all red, all green and all blue bytes, row by row."""
    labels = np.tile(np.arange(10, dtype=np.uint8), 2)
    pictures = {name: rng.integers(0, 256, (20, 32, 32, 3), np.uint8) for name in CIFAR_FILES}
    records = {
        name: b"".join(
            bytes([label]) + one.transpose(2, 0, 1).tobytes() for label, one in zip(labels, some, strict=True)
        )
        for name, some in pictures.items()
    }
    return pictures, records


@pytest.fixture
def write_cifar(tmp_path, batches):
    folder = tmp_path / "data" / "cifar10"
    folder.mkdir(parents=True)
    for name, content in batches[1].items():
        (folder / name).write_bytes(content)
    return folder


def test_the_batches_are_read_in_order_and_the_last_is_the_test_part(batches, write_cifar):
    dataset = load("cifar10", data_dir=write_cifar.parent)
    np.testing.assert_array_equal(dataset.inputs, np.concatenate([batches[0][name] for name in CIFAR_FILES]))
    assert dataset.official_test.nonzero()[0].tolist() == list(range(100, 120))
    assert dataset.labels.tolist() == [*range(10), *range(10)] * 6
    assert dataset.classes[0] == "airplane" and dataset.classes[9] == "truck"


def test_a_packed_batch_is_read_too(batches, write_cifar):
    before = load("cifar10", data_dir=write_cifar.parent).fingerprint
    (write_cifar / CIFAR_FILES[0]).unlink()
    (write_cifar / f"{CIFAR_FILES[0]}.gz").write_bytes(gzip.compress(batches[1][CIFAR_FILES[0]]))
    assert load("cifar10", data_dir=write_cifar.parent).fingerprint == before


@pytest.mark.parametrize("content", [b"", b"123", bytes(3073 * 2 + 1)])
def test_a_batch_of_another_length_is_refused(write_cifar, content):
    (write_cifar / CIFAR_FILES[2]).write_bytes(content)
    with pytest.raises(
        BadInput, match=rf"must hold records of 3073 bytes, but holds {len(content)} bytes; get it anew"
    ):
        load("cifar10", data_dir=write_cifar.parent)


def test_a_torn_gzip_is_refused(batches, write_cifar):
    (write_cifar / CIFAR_FILES[0]).unlink()
    (write_cifar / f"{CIFAR_FILES[0]}.gz").write_bytes(gzip.compress(batches[1][CIFAR_FILES[0]])[:-30])
    with pytest.raises(BadInput, match=r"data_batch_1\.bin\.gz must be readable, but is not \("):
        load("cifar10", data_dir=write_cifar.parent)
