"""Every fit brings pictures to the square, against Pillow and plain arithmetic."""

import numpy as np
import pytest
from PIL import Image

from luthier.data import loader
from luthier.data.loader import resize_pictures

B, C, H, W = 5, 3, 7, 11


@pytest.fixture
def pictures(rng):
    return rng.random((B, H, W, C), np.float32)


def by_pillow(pictures, height, width):
    """Triangle filter with antialiasing, channel by channel in 32-bit floats."""
    planes = np.moveaxis(pictures, 3, 1).reshape(-1, *pictures.shape[1:3]).astype(np.float32)
    done = [np.asarray(Image.fromarray(p).resize((width, height), Image.Resampling.BILINEAR)) for p in planes]
    return np.moveaxis(np.array(done).reshape(len(pictures), -1, height, width), 1, 3)


@pytest.mark.parametrize("fit", ["resize", "pad", "crop"])
@pytest.mark.parametrize("side", [1, 2, 5, 7, 9, 11, 13])
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_the_result_is_square_and_keeps_its_type(pictures, fit, side, kind):
    result = resize_pictures((pictures * 255).astype(kind), side, fit)
    assert result.shape == (B, side, side, C)
    assert result.dtype == kind
    assert result.flags.c_contiguous


@pytest.mark.parametrize("side", [2, 5, 9, 13])
def test_resize_stretches_both_sides(pictures, side):
    np.testing.assert_allclose(resize_pictures(pictures, side, "resize"), by_pillow(pictures, side, side), atol=1e-5)


@pytest.mark.parametrize(("side", "height", "top"), [(5, 3, 1), (9, 6, 1), (10, 6, 2)])
def test_pad_shrinks_what_is_too_large_and_centres_it_on_zeros(pictures, side, height, top):
    expected = np.zeros((B, side, side, C), np.float32)
    expected[:, top : top + height] = by_pillow(pictures, height, side)
    np.testing.assert_allclose(resize_pictures(pictures, side, "pad"), expected, atol=1e-5)


@pytest.mark.parametrize(("side", "top", "left"), [(11, 2, 0), (13, 3, 1), (16, 4, 2)])
def test_pad_never_enlarges(pictures, side, top, left):
    expected = np.zeros((B, side, side, C), np.float32)
    expected[:, top : top + H, left : left + W] = pictures
    np.testing.assert_array_equal(resize_pictures(pictures, side, "pad"), expected)


@pytest.mark.parametrize(
    ("side", "height", "width", "left"), [(7, 7, 11, 2), (5, 5, 8, 1), (13, 13, 20, 3), (1, 1, 2, 0)]
)
def test_crop_scales_the_shorter_side_and_keeps_the_centre(pictures, side, height, width, left):
    expected = by_pillow(pictures, height, width)[:, :, left : left + side]
    np.testing.assert_allclose(resize_pictures(pictures, side, "crop"), expected, atol=1e-5)


@pytest.mark.parametrize("fit", ["pad", "crop"])
def test_standing_pictures_are_lying_ones_turned(pictures, fit):
    standing = pictures.transpose(0, 2, 1, 3)
    for side in (5, 9, 13):
        turned = resize_pictures(standing, side, fit).transpose(0, 2, 1, 3)
        np.testing.assert_allclose(turned, resize_pictures(pictures, side, fit), atol=1e-6)


@pytest.mark.parametrize("fit", ["resize", "pad", "crop"])
def test_pictures_of_the_right_size_are_not_touched(rng, fit):
    square = rng.random((B, H, H, C))
    assert resize_pictures(square, H, fit) is square


@pytest.mark.parametrize("fit", ["resize", "crop"])
def test_bytes_are_rounded_and_stay_in_range(rng, fit):
    extremes = rng.choice(np.array([0, 255], np.uint8), (B, H, W, C))
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
def test_chunks_do_not_show(pictures, fit, monkeypatch):
    whole = resize_pictures(pictures, 9, fit)
    monkeypatch.setattr(loader, "CHUNK", 2)
    np.testing.assert_array_equal(resize_pictures(pictures, 9, fit), whole)


def test_read_only_pictures_are_taken_and_left_alone(pictures):
    pictures.flags.writeable = False
    before = pictures.copy()
    resize_pictures(pictures, 9, "resize")
    np.testing.assert_array_equal(pictures, before)
