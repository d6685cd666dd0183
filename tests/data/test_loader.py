"""Batches come from one store that all parts share."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from luthier.data.loader import batch_count, batches, to_device

N, C, H, W, K = 17, 3, 7, 11, 13
CPU = torch.device("cpu")


@pytest.fixture
def pictures(rng):
    return rng.integers(0, 256, (N, H, W, C), np.uint8)


@pytest.fixture
def labels():
    return np.arange(N, dtype=np.int64) * 5 % K


@pytest.fixture
def resident(pictures, labels):
    return to_device(pictures, labels, K, CPU)


def test_bytes_become_floats_from_0_to_1_with_channels_first(resident, pictures):
    index = torch.tensor([16, 2, 2, 9, 0])
    inputs = resident.inputs(index)
    assert inputs.dtype == torch.float32
    assert inputs.shape == (5, C, H, W)
    expected = pictures[index.numpy()].transpose(0, 3, 1, 2) / 255
    np.testing.assert_allclose(inputs.numpy(), expected, rtol=1e-6)


def test_black_is_0_and_white_is_1(labels):
    store = np.zeros((N, H, W, 1), np.uint8)
    store[3] = 255
    inputs = to_device(store, labels, K, CPU).inputs(torch.arange(N))
    assert inputs.unique().tolist() == [0.0, 1.0]
    assert inputs[3].unique().tolist() == [1.0]


def test_pictures_lie_channels_last_in_memory(resident):
    inputs = resident.inputs(torch.tensor([1, 4, 8, 3, 2]))
    assert inputs.stride() == (H * W * C, 1, W * C, C)
    assert inputs.is_contiguous(memory_format=torch.channels_last)


def test_floats_are_used_as_they_are(rng, labels):
    pictures, rows = rng.normal(size=(N, H, W, C)).astype(np.float32), rng.normal(size=(N, 6)).astype(np.float32)
    index = torch.tensor([5, 5, 0])
    got = to_device(pictures, labels, K, CPU).inputs(index)
    np.testing.assert_array_equal(got.numpy(), pictures[[5, 5, 0]].transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(to_device(rows, labels, K, CPU).inputs(index).numpy(), rows[[5, 5, 0]])


def test_a_batch_changes_nothing_in_the_store(resident, pictures):
    before = pictures.copy()
    resident.batch(torch.arange(5)).inputs.zero_()
    np.testing.assert_array_equal(resident.store.numpy(), before)


def test_a_batch_of_a_part_goes_by_positions_and_names_examples(resident, labels):
    part = resident.part(np.array([3, 8, 9, 14, 16]))
    batch = part.batch(torch.tensor([4, 0, 2]))
    assert batch.index.tolist() == [16, 3, 9]
    assert batch.label.tolist() == labels[[16, 3, 9]].tolist()
    torch.testing.assert_close(batch.inputs, resident.inputs(torch.tensor([16, 3, 9])))
    assert batch.weight.tolist() == [1.0, 1.0, 1.0]
    assert batch.weight.dtype == torch.float32
    assert batch.aux == {}


def test_targets_are_soft_from_the_start(resident, labels):
    batch = resident.batch(torch.tensor([7, 0, 16, 1, 1]))
    assert batch.target.dtype == torch.float32
    np.testing.assert_array_equal(batch.target.numpy(), np.eye(K, dtype=np.float32)[labels[[7, 0, 16, 1, 1]]])


def test_targets_have_a_column_for_classes_that_do_not_occur(pictures):
    resident = to_device(pictures, np.zeros(N, np.int64), K, CPU)
    assert resident.batch(torch.arange(2)).target.shape == (2, K)


def test_parts_share_the_memory_of_the_data(resident, pictures, labels):
    one, other = resident.part(np.array([0, 3])), resident.part(np.array([1, 2]))
    assert one.store.data_ptr() == other.store.data_ptr() == pictures.ctypes.data
    assert one.labels.data_ptr() == labels.ctypes.data
    assert (len(resident), len(one)) == (N, 2)
    assert one.indices.dtype == torch.int64
    assert one.device == CPU


def test_read_only_data_are_shared_too_and_nothing_warns(pictures, labels):
    pictures.flags.writeable = False
    resident = to_device(pictures, labels, K, CPU)
    np.testing.assert_array_equal(resident.store.numpy(), pictures)
    assert resident.store.data_ptr() == pictures.ctypes.data


def test_a_mapped_file_may_be_larger_than_memory(tmp_path, labels):
    """A sparse file of a terabyte: a copy of it, or a promise to keep one, would be refused."""
    path, side = tmp_path / "large.bin", 1 << 17
    with path.open("wb") as file:
        file.truncate(N * side * side * C)
        file.seek(2 * side * side * C + 5 * C)
        file.write(bytes([51, 102, 255]))
    mapped = np.memmap(path, np.uint8, "r", shape=(N, side, side, C))
    resident = to_device(mapped, labels, K, CPU)
    assert resident.store[2, 0, 4:7].tolist() == [[0, 0, 0], [51, 102, 255], [0, 0, 0]]


def test_own_labels_are_those_of_the_part(resident, labels):
    members = np.array([3, 8, 9, 14, 16])
    assert resident.part(members).own_labels().tolist() == labels[members].tolist()


@pytest.mark.parametrize("size", [1, 4, 5, 1000])
def test_in_order_covers_a_part_once(resident, size):
    members = [3, 8, 9, 14, 16]
    got = list(resident.part(np.array(members)).in_order(size))
    assert [number for batch in got for number in batch.index.tolist()] == members
    assert [len(batch) for batch in got] == [min(size, 5 - start) for start in range(0, 5, size)]


@given(st.integers(1, 300), st.integers(1, 40))
def test_batches_cut_evenly(count, size):
    order = torch.arange(count).flip(0)
    cut = batches(order, size)
    sizes = [len(one) for one in cut]
    assert torch.cat(cut).tolist() == order.tolist()
    assert len(sizes) == batch_count(count, size) == int(np.ceil(count / size))
    assert max(sizes) <= size
    assert max(sizes) - min(sizes) <= 1


def test_values_are_their_own_targets(pictures):
    values = np.arange(2 * N, dtype=np.float32).reshape(N, 2)
    batch = to_device(pictures, values, 0, CPU).part(np.array([16, 3, 5])).batch(torch.tensor([2, 0]))
    assert batch.label.tolist() == batch.target.tolist() == values[[5, 16]].tolist()
    assert batch.weight.tolist() == [1, 1]


def test_weights_go_with_their_examples(pictures, labels):
    weights = np.linspace(0, 2, N, dtype=np.float32)
    batch = to_device(pictures, labels, K, CPU, weights).part(np.array([16, 3, 5])).batch(torch.tensor([2, 0]))
    assert batch.weight.tolist() == weights[[5, 16]].tolist()
