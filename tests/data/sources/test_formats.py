"""IDX files: every spelling is read, every damage is named."""

import gzip
import tracemalloc

import numpy as np
import pytest

from luthier.core.errors import BadInput
from luthier.data import load
from luthier.data.sources import formats

IMAGES, LABELS, TEST_IMAGES, TEST_LABELS = formats.IDX_FILES


def refused(folder):
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
    assert refused(tmp_path) == (
        f"a folder of IDX files must hold {missing} or {missing}.gz, but {tmp_path} does not; add the file"
    )


@pytest.mark.parametrize("size", [0, 3, 4, 15], ids=str)
def test_a_file_that_ends_within_its_header(tmp_path, write_idx, idx_bytes, idx_arrays, size):
    path = write_idx(tmp_path, gz=False) / IMAGES
    content = idx_bytes(idx_arrays[IMAGES])[:size]
    path.write_bytes(content)
    assert refused(tmp_path) == (
        f"{path} must be an IDX file of bytes in 3 dimensions, but starts with {content[:4]!r}; get it anew"
    )


@pytest.mark.parametrize("change", [-1, -385, 1, 7], ids=str)
def test_a_file_with_too_few_or_too_many_bytes(tmp_path, write_idx, idx_bytes, idx_arrays, change):
    path = write_idx(tmp_path, gz=False) / IMAGES
    content = idx_bytes(idx_arrays[IMAGES])
    path.write_bytes(content + bytes(change) if change > 0 else content[:change])
    assert refused(tmp_path) == (f"{path} must hold 385 bytes after its header, but holds {385 + change}; get it anew")


@pytest.mark.parametrize(
    "start", [b"\0\0\x09\x03", b"\0\0\x08\x01", b"\x01\0\x08\x03", b"<!DO", b"\x1f\x8b\x08\0"], ids=repr
)
def test_a_file_of_another_kind(tmp_path, write_idx, idx_bytes, idx_arrays, start):
    path = write_idx(tmp_path, gz=False) / IMAGES
    path.write_bytes(start + idx_bytes(idx_arrays[IMAGES])[4:])
    assert refused(tmp_path) == (
        f"{path} must be an IDX file of bytes in 3 dimensions, but starts with {start!r}; get it anew"
    )


def test_labels_in_the_place_of_images(tmp_path, write_idx, idx_bytes, idx_arrays):
    path = write_idx(tmp_path, gz=False) / LABELS
    path.write_bytes(idx_bytes(idx_arrays[IMAGES]))
    assert refused(tmp_path) == (
        f"{path} must be an IDX file of bytes in 1 dimensions, but starts with {bytes((0, 0, 8, 3))!r}; get it anew"
    )


def test_a_header_that_claims_more_than_there_is_memory(tmp_path, write_idx):
    path = write_idx(tmp_path, gz=False) / IMAGES
    path.write_bytes(b"\0\0\x08\x03" + b"\xff" * 12)
    assert refused(tmp_path) == (
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
    assert refused(tmp_path) == f"{path} must be readable, but is not ({reason.format(crc=crc)}); get it anew"


def test_a_flipped_bit_in_the_packed_data(tmp_path, write_idx):
    path = write_idx(tmp_path) / f"{IMAGES}.gz"
    packed = bytearray(path.read_bytes())
    packed[10] ^= 0b110  # the kind of the first block: 3 does not exist
    path.write_bytes(packed)
    sentence = refused(tmp_path)
    assert sentence.startswith(f"{path} must be readable, but is not (Error -3 while decompressing data: ")
    assert sentence.endswith("); get it anew")


def test_an_archive_that_unpacks_beyond_the_limit_is_not_unpacked_to_its_end(tmp_path, write_idx, monkeypatch):
    path = write_idx(tmp_path) / f"{IMAGES}.gz"
    path.write_bytes(gzip.compress(bytes(1 << 25)))
    monkeypatch.setattr(formats, "LARGEST_IDX", 4000)
    sentence, peak = traced(lambda: refused(tmp_path))
    assert sentence == f"{path} must unpack to at most 4000 bytes, but is larger; split it"
    assert peak < 1 << 24


def test_a_file_of_exactly_the_limit_is_read(tmp_path, write_idx, monkeypatch):
    write_idx(tmp_path)
    monkeypatch.setattr(formats, "LARGEST_IDX", 16 + 385)
    assert len(formats.read_idx(tmp_path, "tiny", None)) == 8


@pytest.mark.parametrize("gz", [True, False], ids=["gz", "plain"])
def test_memory_is_asked_for_as_it_is_needed(tmp_path, write_idx, gz):
    """A reader that is asked for 4 GiB reserves them at once and fails on a small machine."""
    write_idx(tmp_path, gz=gz)
    dataset, peak = traced(lambda: formats.read_idx(tmp_path, "tiny", None))
    assert len(dataset) == 8
    assert peak < 1 << 24


def test_rules_of_arrays_hold_for_files_too(tmp_path, write_idx, idx_bytes):
    path = write_idx(tmp_path, gz=False) / LABELS
    path.write_bytes(idx_bytes(np.array([1, 0, 1], np.uint8)))
    assert refused(tmp_path) == "X and y must have equal lengths, but got 5 and 3; pass one label per example"
