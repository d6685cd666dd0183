"""Batches come from one store that all parts share."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from luthier.data import loader
from luthier.data.loader import count_batches, cut_batches, resize_pictures, to_device

N, LOADER_C, LOADER_H, LOADER_W, K = 17, 3, 7, 11, 13


CPU = torch.device("cpu")


@pytest.fixture
def pictures_of_loader(rng):
    return rng.integers(0, 256, (N, LOADER_H, LOADER_W, LOADER_C), np.uint8)


@pytest.fixture
def labels():
    return np.arange(N, dtype=np.int64) * 5 % K


@pytest.fixture
def resident(pictures_of_loader, labels):
    return to_device(pictures_of_loader, labels, K, CPU)


def test_bytes_become_floats_from_0_to_1_with_channels_first(resident, pictures_of_loader):
    index = torch.tensor([16, 2, 2, 9, 0])
    inputs = resident.inputs(index)
    assert inputs.dtype == torch.float32
    assert inputs.shape == (5, LOADER_C, LOADER_H, LOADER_W)
    expected = pictures_of_loader[index.numpy()].transpose(0, 3, 1, 2) / 255
    np.testing.assert_allclose(inputs.numpy(), expected, rtol=1e-6)


def test_black_is_0_and_white_is_1(labels):
    store = np.zeros((N, LOADER_H, LOADER_W, 1), np.uint8)
    store[3] = 255
    inputs = to_device(store, labels, K, CPU).inputs(torch.arange(N))
    assert inputs.unique().tolist() == [0.0, 1.0]
    assert inputs[3].unique().tolist() == [1.0]


def test_pictures_lie_channels_last_in_memory(resident):
    inputs = resident.inputs(torch.tensor([1, 4, 8, 3, 2]))
    assert inputs.stride() == (LOADER_H * LOADER_W * LOADER_C, 1, LOADER_W * LOADER_C, LOADER_C)
    assert inputs.is_contiguous(memory_format=torch.channels_last)


def test_floats_are_used_as_they_are(rng, labels):
    pictures_of_loader, rows = (
        rng.normal(size=(N, LOADER_H, LOADER_W, LOADER_C)).astype(np.float32),
        rng.normal(size=(N, 6)).astype(np.float32),
    )
    index = torch.tensor([5, 5, 0])
    got = to_device(pictures_of_loader, labels, K, CPU).inputs(index)
    np.testing.assert_array_equal(got.numpy(), pictures_of_loader[[5, 5, 0]].transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(to_device(rows, labels, K, CPU).inputs(index).numpy(), rows[[5, 5, 0]])


def test_a_batch_changes_nothing_in_the_store(resident, pictures_of_loader):
    before = pictures_of_loader.copy()
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


def test_targets_have_a_column_for_classes_that_do_not_occur(pictures_of_loader):
    resident = to_device(pictures_of_loader, np.zeros(N, np.int64), K, CPU)
    assert resident.batch(torch.arange(2)).target.shape == (2, K)


def test_parts_share_the_memory_of_the_data(resident, pictures_of_loader, labels):
    one, other = resident.part(np.array([0, 3])), resident.part(np.array([1, 2]))
    assert one.store.data_ptr() == other.store.data_ptr() == pictures_of_loader.ctypes.data
    assert one.labels.data_ptr() == labels.ctypes.data
    assert (len(resident), len(one)) == (N, 2)
    assert one.indices.dtype == torch.int64
    assert one.device == CPU


def test_read_only_data_are_shared_too_and_nothing_warns(pictures_of_loader, labels):
    pictures_of_loader.flags.writeable = False
    resident = to_device(pictures_of_loader, labels, K, CPU)
    np.testing.assert_array_equal(resident.store.numpy(), pictures_of_loader)
    assert resident.store.data_ptr() == pictures_of_loader.ctypes.data


def test_a_mapped_file_may_be_larger_than_memory(tmp_path, labels):
    """A sparse file of a terabyte: a copy of it, or a promise to keep one, would be refused."""
    path, side = tmp_path / "large.bin", 1 << 17
    with path.open("wb") as file:
        file.truncate(N * side * side * LOADER_C)
        file.seek(2 * side * side * LOADER_C + 5 * LOADER_C)
        file.write(bytes([51, 102, 255]))
    mapped = np.memmap(path, np.uint8, "r", shape=(N, side, side, LOADER_C))
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
    cut = cut_batches(order, size)
    sizes = [len(one) for one in cut]
    assert torch.cat(cut).tolist() == order.tolist()
    assert len(sizes) == count_batches(count, size) == int(np.ceil(count / size))
    assert max(sizes) <= size
    assert max(sizes) - min(sizes) <= 1


def test_values_are_their_own_targets(pictures_of_loader):
    values = np.arange(2 * N, dtype=np.float32).reshape(N, 2)
    batch = to_device(pictures_of_loader, values, 0, CPU).part(np.array([16, 3, 5])).batch(torch.tensor([2, 0]))
    assert batch.label.tolist() == batch.target.tolist() == values[[5, 16]].tolist()
    assert batch.weight.tolist() == [1, 1]


def test_weights_go_with_their_examples(pictures_of_loader, labels):
    weights = np.linspace(0, 2, N, dtype=np.float32)
    batch = (
        to_device(pictures_of_loader, labels, K, CPU, weights).part(np.array([16, 3, 5])).batch(torch.tensor([2, 0]))
    )
    assert batch.weight.tolist() == weights[[5, 16]].tolist()


B, RESIZE_C, RESIZE_H, RESIZE_W = 5, 3, 7, 11


@pytest.fixture
def pictures_of_resize(rng):
    return rng.random((B, RESIZE_H, RESIZE_W, RESIZE_C), np.float32)


def by_pillow(pictures_of_resize, height, width):
    """Triangle filter with antialiasing, channel by channel in 32-bit floats."""
    planes = np.moveaxis(pictures_of_resize, 3, 1).reshape(-1, *pictures_of_resize.shape[1:3]).astype(np.float32)
    done = [np.asarray(Image.fromarray(p).resize((width, height), Image.Resampling.BILINEAR)) for p in planes]
    return np.moveaxis(np.array(done).reshape(len(pictures_of_resize), -1, height, width), 1, 3)


@pytest.mark.parametrize("fit", ["resize", "pad", "crop"])
@pytest.mark.parametrize("side", [1, 2, 5, 7, 9, 11, 13])
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_the_result_is_square_and_keeps_its_type(pictures_of_resize, fit, side, kind):
    result = resize_pictures((pictures_of_resize * 255).astype(kind), side, fit)
    assert result.shape == (B, side, side, RESIZE_C)
    assert result.dtype == kind
    assert result.flags.c_contiguous


@pytest.mark.parametrize("side", [2, 5, 9, 13])
def test_resize_stretches_both_sides(pictures_of_resize, side):
    np.testing.assert_allclose(
        resize_pictures(pictures_of_resize, side, "resize"), by_pillow(pictures_of_resize, side, side), atol=1e-5
    )


@pytest.mark.parametrize(("side", "height", "top"), [(5, 3, 1), (9, 6, 1), (10, 6, 2)])
def test_pad_shrinks_what_is_too_large_and_centres_it_on_zeros(pictures_of_resize, side, height, top):
    expected = np.zeros((B, side, side, RESIZE_C), np.float32)
    expected[:, top : top + height] = by_pillow(pictures_of_resize, height, side)
    np.testing.assert_allclose(resize_pictures(pictures_of_resize, side, "pad"), expected, atol=1e-5)


@pytest.mark.parametrize(("side", "top", "left"), [(11, 2, 0), (13, 3, 1), (16, 4, 2)])
def test_pad_never_enlarges(pictures_of_resize, side, top, left):
    expected = np.zeros((B, side, side, RESIZE_C), np.float32)
    expected[:, top : top + RESIZE_H, left : left + RESIZE_W] = pictures_of_resize
    np.testing.assert_array_equal(resize_pictures(pictures_of_resize, side, "pad"), expected)


@pytest.mark.parametrize(
    ("side", "height", "width", "left"), [(7, 7, 11, 2), (5, 5, 8, 1), (13, 13, 20, 3), (1, 1, 2, 0)]
)
def test_crop_scales_the_shorter_side_and_keeps_the_centre(pictures_of_resize, side, height, width, left):
    expected = by_pillow(pictures_of_resize, height, width)[:, :, left : left + side]
    np.testing.assert_allclose(resize_pictures(pictures_of_resize, side, "crop"), expected, atol=1e-5)


@pytest.mark.parametrize("fit", ["pad", "crop"])
def test_standing_pictures_are_lying_ones_turned(pictures_of_resize, fit):
    standing = pictures_of_resize.transpose(0, 2, 1, 3)
    for side in (5, 9, 13):
        turned = resize_pictures(standing, side, fit).transpose(0, 2, 1, 3)
        np.testing.assert_allclose(turned, resize_pictures(pictures_of_resize, side, fit), atol=1e-6)


@pytest.mark.parametrize("fit", ["resize", "pad", "crop"])
def test_pictures_of_the_right_size_are_not_touched(rng, fit):
    square = rng.random((B, RESIZE_H, RESIZE_H, RESIZE_C))
    assert resize_pictures(square, RESIZE_H, fit) is square


@pytest.mark.parametrize("fit", ["resize", "crop"])
def test_bytes_are_rounded_and_stay_in_range(rng, fit):
    extremes = rng.choice(np.array([0, 255], np.uint8), (B, RESIZE_H, RESIZE_W, RESIZE_C))
    exact = resize_pictures(extremes.astype(np.float32), 9, fit)
    result = resize_pictures(extremes, 9, fit)
    assert not np.array_equal(np.trunc(exact), np.rint(exact))
    np.testing.assert_array_equal(result, np.clip(np.rint(exact), 0, 255))


@pytest.mark.parametrize("fit", ["resize", "pad", "crop"])
@pytest.mark.parametrize("value", [0, 7, 255])
def test_one_colour_stays_that_colour(fit, value):
    result = resize_pictures(np.full((2, 9, 9, 1), value, np.uint8), 5, fit)
    np.testing.assert_array_equal(result, np.full((2, 5, 5, 1), value, np.uint8))


def test_a_line_survives_being_shrunk_flat():
    line = np.full((1, 1, 40, 1), 200, np.uint8)
    result = resize_pictures(line, 4, "pad")
    assert result[0, :, :, 0].tolist() == [[0] * 4, [200] * 4, [0] * 4, [0] * 4]


@pytest.mark.parametrize("fit", ["resize", "pad", "crop"])
def test_chunks_do_not_show(pictures_of_resize, fit, monkeypatch):
    whole = resize_pictures(pictures_of_resize, 9, fit)
    monkeypatch.setattr(loader, "CHUNK", 2)
    np.testing.assert_array_equal(resize_pictures(pictures_of_resize, 9, fit), whole)


def test_read_only_pictures_are_taken_and_left_alone(pictures_of_resize):
    pictures_of_resize.flags.writeable = False
    before = pictures_of_resize.copy()
    resize_pictures(pictures_of_resize, 9, "resize")
    np.testing.assert_array_equal(pictures_of_resize, before)
