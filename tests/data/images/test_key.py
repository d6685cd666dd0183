"""Keys of pictures: equal where the pixels are, and nowhere else."""

import numpy as np
import pytest
import xxhash
from PIL import Image

from luthier.data.images.decode import KEY_BYTES, key

PIXELS = np.random.default_rng(0).integers(0, 256, (13, 7, 3), np.uint8)


@pytest.mark.parametrize(("pixels", "head"), [(PIXELS, b"P6"), (PIXELS[..., 0], b"P5")], ids=["colour", "grey"])
def test_it_is_of_size_and_pixels_as_a_ppm_has_them(pixels, head):
    found = key(Image.fromarray(np.ascontiguousarray(pixels)))
    assert found == xxhash.xxh3_128_hexdigest(head + b"\n7 13\n255\n" + pixels.tobytes())
    assert len(found) == 2 * KEY_BYTES


def test_a_large_picture_is_hashed_whole():
    """More than Pillow encodes at a time."""
    pixels = np.random.default_rng(0).integers(0, 256, (301, 307, 3), np.uint8)
    expected = xxhash.xxh3_128_hexdigest(b"P6\n307 301\n255\n" + pixels.tobytes())
    assert key(Image.fromarray(pixels)) == expected


@pytest.mark.parametrize("place", [(0, 0, 0), (6, 3, 1), (12, 6, 2)])
def test_one_value_makes_another(place):
    other = PIXELS.copy()
    other[place] ^= 1
    assert key(Image.fromarray(other)) != key(Image.fromarray(PIXELS))


def test_the_same_bytes_in_another_shape_are_another_picture():
    colours = np.zeros((4, 6, 3), np.uint8)
    shapes = [colours, colours.reshape(6, 4, 3), colours.reshape(6, 12), colours.reshape(12, 6)]
    assert len({key(Image.fromarray(one)) for one in shapes}) == 4
