"""IDX files: every spelling is read, every damage is named."""

import gzip
import math
import os
import pickle
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from luthier.core.errors import BadInput
from luthier.data import load
from luthier.data.sources import formats
from luthier.data.sources.formats import CIFAR_FILES

IMAGES, LABELS, TEST_IMAGES, TEST_LABELS = formats.IDX_FILES


def refused_of_formats(folder):
    with pytest.raises(BadInput) as caught:
        formats.read_idx(folder, "tiny", None)
    return str(caught.value)


def traced(work):
    """What work returns, and the most memory that Python held meanwhile."""
    tracemalloc.start()
    try:
        return work(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("gz", [True, False], ids=["gz", "plain"])
@pytest.mark.parametrize("dots", [True, False], ids=[".idx", "-idx"])
def test_every_spelling(tmp_path, write_idx, idx_arrays, gz, dots):
    dataset = formats.read_idx(write_idx(tmp_path, gz=gz, dots=dots), "tiny", ("no", "yes"))
    assert dataset.name == "tiny"
    assert dataset.classes == ("no", "yes")
    assert dataset.inputs.dtype == np.uint8
    np.testing.assert_array_equal(dataset.inputs[..., 0], np.concatenate([idx_arrays[IMAGES], idx_arrays[TEST_IMAGES]]))
    assert dataset.labels.tolist() == [1, 0, 1, 1, 0, 0, 1, 1]
    assert dataset.official_test.tolist() == [False] * 5 + [True] * 3


def test_a_folder_without_a_test_pair(tmp_path, write_idx):
    dataset = formats.read_idx(write_idx(tmp_path, stems=(IMAGES, LABELS)), "tiny", None)
    assert len(dataset) == 5
    assert dataset.official_test is None
    assert dataset.classes == ("0", "1")


def test_a_folder_is_loaded_by_its_path_and_named_after_it(tmp_path, write_idx):
    folder = write_idx(tmp_path / "mine")
    assert load(folder).name == load(str(folder)).name == "mine"


@pytest.mark.parametrize(
    ("stems", "missing"),
    [
        ((), IMAGES),
        ((IMAGES, TEST_IMAGES, TEST_LABELS), LABELS),
        ((IMAGES, LABELS, TEST_IMAGES), TEST_LABELS),
        ((IMAGES, LABELS, TEST_LABELS), TEST_IMAGES),
    ],
    ids=["nothing", "no labels", "no test labels", "no test images"],
)
def test_a_missing_file_is_named(tmp_path, write_idx, stems, missing):
    write_idx(tmp_path, stems=stems)
    assert refused_of_formats(tmp_path) == (
        f"a folder of IDX files must hold {missing} or {missing}.gz, but {tmp_path} does not; add the file"
    )


@pytest.mark.parametrize("size", [0, 3, 4, 15], ids=str)
def test_a_file_that_ends_within_its_header(tmp_path, write_idx, idx_bytes, idx_arrays, size):
    path = write_idx(tmp_path, gz=False) / IMAGES
    content = idx_bytes(idx_arrays[IMAGES])[:size]
    path.write_bytes(content)
    assert refused_of_formats(tmp_path) == (
        f"{path} must be an IDX file of bytes in 3 dimensions, but starts with {content[:4]!r}; get it anew"
    )


@pytest.mark.parametrize("change", [-1, -385, 1, 7], ids=str)
def test_a_file_with_too_few_or_too_many_bytes(tmp_path, write_idx, idx_bytes, idx_arrays, change):
    path = write_idx(tmp_path, gz=False) / IMAGES
    content = idx_bytes(idx_arrays[IMAGES])
    path.write_bytes(content + bytes(change) if change > 0 else content[:change])
    assert refused_of_formats(tmp_path) == (
        f"{path} must hold 385 bytes after its header, but holds {385 + change}; get it anew"
    )


@pytest.mark.parametrize(
    "start", [b"\0\0\x09\x03", b"\0\0\x08\x01", b"\x01\0\x08\x03", b"<!DO", b"\x1f\x8b\x08\0"], ids=repr
)
def test_a_file_of_another_kind(tmp_path, write_idx, idx_bytes, idx_arrays, start):
    path = write_idx(tmp_path, gz=False) / IMAGES
    path.write_bytes(start + idx_bytes(idx_arrays[IMAGES])[4:])
    assert refused_of_formats(tmp_path) == (
        f"{path} must be an IDX file of bytes in 3 dimensions, but starts with {start!r}; get it anew"
    )


def test_labels_in_the_place_of_images(tmp_path, write_idx, idx_bytes, idx_arrays):
    path = write_idx(tmp_path, gz=False) / LABELS
    path.write_bytes(idx_bytes(idx_arrays[IMAGES]))
    assert refused_of_formats(tmp_path) == (
        f"{path} must be an IDX file of bytes in 1 dimensions, but starts with {bytes((0, 0, 8, 3))!r}; get it anew"
    )


def test_a_header_that_claims_more_than_there_is_memory(tmp_path, write_idx):
    path = write_idx(tmp_path, gz=False) / IMAGES
    path.write_bytes(b"\0\0\x08\x03" + b"\xff" * 12)
    assert refused_of_formats(tmp_path) == (
        f"{path} must hold {(2**32 - 1) ** 3} bytes after its header, but holds 0; get it anew"
    )


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda packed: packed[:-9], "Compressed file ended before the end-of-stream marker was reached"),
        (lambda packed: b"plain text", "Not a gzipped file (b'pl')"),
        (lambda packed: packed[:-8] + b"\0\0\0\0" + packed[-4:], "CRC check failed 0x0 != {crc}"),
    ],
    ids=["truncated", "not gzip", "checksum"],
)
def test_a_damaged_archive(tmp_path, write_idx, damage, reason):
    path = write_idx(tmp_path) / f"{IMAGES}.gz"
    packed = path.read_bytes()
    crc = hex(int.from_bytes(packed[-8:-4], "little"))
    path.write_bytes(damage(packed))
    assert (
        refused_of_formats(tmp_path) == f"{path} must be readable, but is not ({reason.format(crc=crc)}); get it anew"
    )


def test_a_flipped_bit_in_the_packed_data(tmp_path, write_idx):
    path = write_idx(tmp_path) / f"{IMAGES}.gz"
    packed = bytearray(path.read_bytes())
    packed[10] ^= 0b110  # the kind of the first block: 3 does not exist
    path.write_bytes(packed)
    sentence = refused_of_formats(tmp_path)
    assert sentence.startswith(f"{path} must be readable, but is not (Error -3 while decompressing data: ")
    assert sentence.endswith("); get it anew")


def test_an_archive_that_unpacks_to_more_than_it_says_is_not_unpacked_to_its_end(tmp_path, write_idx, idx_bytes):
    path = write_idx(tmp_path) / f"{IMAGES}.gz"
    path.write_bytes(gzip.compress(idx_bytes(np.zeros((5, 7, 11), np.uint8)) + bytes(1 << 25)))
    sentence, peak = traced(lambda: refused_of_formats(tmp_path))
    assert sentence == f"{path} must hold 385 bytes after its header, but holds more; get it anew"
    assert peak < 1 << 24


@pytest.mark.parametrize("shape", [(1 << 12, 1 << 10, 1 << 10), (1 << 31, 0, 1)], ids=["zeros", "nothing"])
def test_an_archive_is_refused_by_its_header(tmp_path, write_idx, shape):
    """What packs to less than a hundredth is no picture; and an empty array takes memory too."""
    path = write_idx(tmp_path) / f"{IMAGES}.gz"
    path.write_bytes(gzip.compress(b"\0\0\x08\x03" + b"".join(one.to_bytes(4) for one in shape)))
    size = -(-math.prod(max(one, 1) for one in shape) // 1_000_000)
    sentence = refused_of_formats(tmp_path)
    assert sentence.startswith(f"{path} must take at most 1,074 MB of memory (100 times its packed size, or 1 GiB), ")
    assert sentence.endswith(f"takes {size:,} MB; split it, or allow more with LUTHIER_MEGABYTES={size}")


@pytest.mark.parametrize("gz", [True, False], ids=["gz", "plain"])
def test_memory_is_asked_for_as_it_is_needed(tmp_path, write_idx, gz):
    """A reader that is asked for 4 GiB reserves them at once and fails on a small machine."""
    write_idx(tmp_path, gz=gz)
    dataset, peak = traced(lambda: formats.read_idx(tmp_path, "tiny", None))
    assert len(dataset) == 8
    assert peak < 1 << 24


def test_rules_of_arrays_hold_for_files_too_of_formats(tmp_path, write_idx, idx_bytes):
    path = write_idx(tmp_path, gz=False) / LABELS
    path.write_bytes(idx_bytes(np.array([1, 0, 1], np.uint8)))
    assert (
        refused_of_formats(tmp_path) == "X and y must have equal lengths, but got 5 and 3; pass one label per example"
    )


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


def test_digits_are_scikit_learns_with_their_grey_levels_spread():
    dataset, bunch = load("digits"), load_digits()
    assert dataset.name == "digits"
    assert dataset.inputs.shape == (1797, 8, 8, 1)
    assert dataset.inputs.dtype == np.uint8
    assert dataset.classes == tuple("0123456789")
    assert dataset.official_test is None
    np.testing.assert_array_equal(dataset.labels, bunch.target)
    assert dataset.labels.dtype == np.int64
    levels = {int(level): round(level * 255 / 16) for level in np.unique(bunch.images)}
    assert (levels[0], levels[16]) == (0, 255)
    expected = [[levels[int(pixel)] for pixel in row] for row in bunch.images[13]]
    np.testing.assert_array_equal(dataset.inputs[13, ..., 0], expected)


def test_a_data_set_is_passed_through():
    dataset = load("digits")
    assert load(dataset) is dataset


X = np.arange(15, dtype=np.float32).reshape(5, 3)


Y = np.array([1, 0, 1, 1, 0])


def save(path, **content):
    np.savez(path, **content)
    return path


def refused_of_npz(path):
    with pytest.raises(BadInput) as caught:
        formats.read_npz(path)
    return str(caught.value)


def not_plain(path, reason):
    return f"{path} must be an .npz file of plain arrays, but is not ({reason}); save it with np.savez and no objects"


@pytest.mark.parametrize("names", [("X", "y"), ("x", "y"), ("x_train", "y_train"), ("X_train", "y_train")], ids=str)
def test_the_names_in_use(tmp_path, names):
    dataset = formats.read_npz(save(tmp_path / "mine.npz", **dict(zip(names, (X, Y), strict=True))))
    np.testing.assert_array_equal(dataset.inputs, X)
    assert dataset.labels.tolist() == Y.tolist()
    assert dataset.name == "mine"
    assert dataset.official_test is None


@pytest.mark.parametrize("names", [("X_test", "y_test"), ("x_test", "y_test")], ids=str)
def test_the_test_pair_is_the_official_test_part(tmp_path, names):
    pair = dict(zip(names, (X[:3] + 100, Y[:3]), strict=True))
    dataset = formats.read_npz(save(tmp_path / "mine.npz", X=X, y=Y, **pair))
    assert dataset.official_test.tolist() == [False] * 5 + [True] * 3
    np.testing.assert_array_equal(dataset.inputs[5:], X[:3] + 100)


@pytest.mark.parametrize("half", [{"X_test": X}, {"y_test": Y}, {"x_test": X}])
def test_half_a_test_pair_is_refused(tmp_path, half):
    path = save(tmp_path / "mine.npz", X=X, y=Y, **half)
    assert refused_of_npz(path) == (
        f"{path} must hold both X_test and y_test or neither, but holds {next(iter(half))} alone; add the other"
    )


def test_classes_name_the_numbers(tmp_path):
    dataset = formats.read_npz(save(tmp_path / "mine.npz", X=X, y=Y, classes=np.array(["no", "yes"])))
    assert dataset.classes == ("no", "yes")


def test_one_class_name_without_a_list_is_one_name(tmp_path):
    assert refused_of_npz(save(tmp_path / "mine.npz", X=X, y=Y, classes=np.array("ab"))) == (
        "labels must be below the number of classes 1, but 3 are not, such as 1 in row 0; mend them"
    )


def test_compressed_archives_and_paths_as_texts(tmp_path):
    np.savez_compressed(tmp_path / "mine.npz", X=X, y=Y)
    assert load(str(tmp_path / "mine.npz")).fingerprint == load((X, Y)).fingerprint


def test_other_names_are_told(tmp_path):
    path = save(tmp_path / "mine.npz", features=X, labels=Y)
    assert refused_of_npz(path) == (
        f"{path} must hold arrays X and y, but holds features, labels; save it with np.savez(path, X=X, y=y)"
    )


def test_an_empty_archive_is_told(tmp_path):
    path = save(tmp_path / "mine.npz")
    assert (
        refused_of_npz(path)
        == f"{path} must hold arrays X and y, but holds nothing; save it with np.savez(path, X=X, y=y)"
    )


class Bomb:
    """Touches a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


@pytest.fixture
def payload(tmp_path):
    """A pickle that would run, which is seen to work first."""
    target = tmp_path / "it ran"
    content = pickle.dumps(Bomb(target))
    pickle.loads(content)
    assert target.exists()
    target.unlink()
    yield content, target
    assert not target.exists()


def test_pickled_objects_are_refused_and_never_run(tmp_path, payload):
    _, target = payload
    path = save(tmp_path / "mine.npz", X=X, y=np.array([Bomb(target)] * 5, object))
    assert refused_of_npz(path) == not_plain(path, "it holds objects")


def test_pickled_classes_are_refused_and_never_run(tmp_path, payload):
    _, target = payload
    path = save(tmp_path / "mine.npz", X=X, y=Y, classes=np.array([Bomb(target)], object))
    assert refused_of_npz(path) == not_plain(path, "it holds objects")


def test_a_pickle_under_the_name_of_an_archive_is_refused_and_never_run(tmp_path, payload):
    content, _ = payload
    path = tmp_path / "mine.npz"
    path.write_bytes(content)
    assert refused_of_npz(path) == not_plain(path, "File is not a zip file")


def test_a_pickle_as_a_member_of_an_archive_is_refused_and_never_run(tmp_path, payload):
    content, _ = payload
    path = tmp_path / "mine.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("X.npy", content)
        archive.writestr("y.npy", content)
    assert refused_of_npz(path).startswith(f"{path} must be an .npz file of plain arrays, but is not (the magic string")


def test_one_array_is_no_archive(tmp_path):
    path = tmp_path / "mine.npz"
    with path.open("wb") as file:
        np.save(file, X)
    assert refused_of_npz(path) == not_plain(path, "File is not a zip file")


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04"], ids=repr)
def test_a_file_that_is_no_archive(tmp_path, content):
    path = tmp_path / "mine.npz"
    path.write_bytes(content)
    assert refused_of_npz(path) == not_plain(path, "File is not a zip file")


def test_an_archive_cut_at_every_place_is_refused(tmp_path):
    whole = save(tmp_path / "whole.npz", X=X, y=Y).read_bytes()
    path = tmp_path / "mine.npz"
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        assert refused_of_npz(path) == not_plain(path, "File is not a zip file"), size


@pytest.mark.parametrize("kind", [np.savez, np.savez_compressed])
def test_a_flipped_byte_never_gets_past_as_other_data(tmp_path, kind, rng):
    """Wherever it is: the file is refused, or what is read is what was written."""
    inputs = rng.random((5, 3), np.float32)
    kind(tmp_path / "whole.npz", X=inputs, y=Y)
    whole = (tmp_path / "whole.npz").read_bytes()
    path, seen = tmp_path / "mine.npz", {"refused_of_npz": 0, "read": 0}
    for place in range(0, len(whole), 3):
        content = bytearray(whole)
        content[place] ^= 0xFF
        path.write_bytes(content)
        try:
            dataset = formats.read_npz(path)
        except BadInput:
            seen["refused_of_npz"] += 1
        else:
            seen["read"] += 1
            np.testing.assert_array_equal(dataset.inputs, inputs)
            assert dataset.labels.tolist() == Y.tolist()
    assert seen["refused_of_npz"] > seen["read"]


def test_a_damaged_array_header(tmp_path):
    path = tmp_path / "mine.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("X.npy", b"\x93NUMPY\x01\x00\x16\x00{'descr': ((((((((((((\n")
    sentence = refused_of_npz(path)
    assert sentence.startswith(f"{path} must be an .npz file of plain arrays, but is not (")
    assert sentence.endswith("); save it with np.savez and no objects")


def test_an_unreadable_path(tmp_path):
    path = tmp_path / "folder.npz"
    os.mkdir(path)
    assert refused_of_npz(path) == not_plain(path, f"[Errno 21] Is a directory: {str(path)!r}")


def test_rules_of_arrays_hold_for_files_too_of_npz(tmp_path):
    assert refused_of_npz(save(tmp_path / "mine.npz", X=X, y=Y[:3])) == (
        "X and y must have equal lengths, but got 5 and 3; pass one label per example"
    )


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (-1, "labels must not be negative, but 1 are, such as -1 in row 7; number classes from 0 or use strings"),
        (math.nan, "labels must not be missing, but 1 are, such as rows 7; drop such rows"),
        (math.inf, "labels must be finite, but 1 are not, such as rows 7; mend them"),
        (0.5, "y must hold classes or values, but 1 of its numbers are not whole among many that are, such as 0.5 in "
              "row 7; mend them, or set data.task = 'regression' where they are values"),
        (9, "labels must be below the number of classes 3, but 1 are not, such as 9 in row 7; mend them"),
    ],
)  # fmt: skip
def test_a_label_that_is_none_is_told_with_file_and_row(tmp_path, label, said):
    y = np.arange(40) % 3 if label in (-1, 9) else np.arange(40.0) % 3
    y[7] = label
    np.savez(tmp_path / "one.npz", X=np.zeros((40, 3)), y=y, **({"classes": ["a", "b", "c"]} if label == 9 else {}))
    with pytest.raises(BadInput) as caught:
        load(tmp_path / "one.npz")
    assert str(caught.value) == f"{tmp_path / 'one.npz'}: {said}"
