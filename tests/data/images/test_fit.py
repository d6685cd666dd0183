"""One picture brought to a square with Pillow: the same as PyTorch's way of doing it, but for rounding."""

import numpy as np
import pytest
from PIL import Image

from luthier.data.images import fit as fitting
from luthier.data.images.fit import FITS
from luthier.data.loader import resize_pictures


def fitted(pixels: np.ndarray, side: int, fit: str) -> np.ndarray:
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    found = np.asarray(fitting.fit_image(image, side, fit))
    return found[..., None] if found.ndim == 2 else found


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", [(23, 17), (17, 23), (9, 5), (40, 41), (200, 31)])
@pytest.mark.parametrize("fit", FITS)
def test_it_is_what_arrays_are_brought_to(fit, shape, channels):
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, channels), np.uint8)
    found, expected = fitted(pixels, 16, fit), resize_pictures(pixels[None], 16, fit)[0]
    assert found.shape == (16, 16, channels) and found.dtype == np.uint8
    inner = slice(2, -2) if fit == "crop" else slice(None)  # what was cut away first does not shine in at the edge
    np.testing.assert_allclose(found[inner, inner].astype(int), expected[inner, inner], atol=2)


def test_the_right_size_is_left_alone():
    image = Image.new("RGB", (16, 16))
    assert all(fitting.fit_image(image, 16, fit) is image for fit in FITS)


def test_a_large_reduction_takes_the_mean_and_no_single_pixels():
    stripes = np.tile(np.array([0, 255], np.uint8), (320, 160))[..., None]
    assert np.ptp(fitted(stripes, 32, "resize")[:, 2:-2].astype(int)) <= 2
    assert abs(fitted(stripes, 32, "resize").mean() - 127.5) < 2


def test_a_long_thin_picture_is_never_enlarged_whole():
    """By its factor it would be 32 x 32,000,000 pixels."""
    line = np.full((1, 1_000_000, 1), 7, np.uint8)
    assert (fitted(line, 32, "crop") == 7).all()
