"""What looks at the picture: against Pillow on bytes."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance, ImageOps

from luthier.data.augment import pixel_operations

RNG = np.random.default_rng(0)


PICTURES = {
    "any": RNG.integers(0, 256, (13, 17, 3), dtype=np.uint8),
    "dull": RNG.integers(90, 130, (23, 29, 3), dtype=np.uint8),
    "even": np.full((13, 17, 3), 77, np.uint8),
    "small": RNG.integers(0, 256, (2, 2, 3), dtype=np.uint8),
}


def ours(name, change, *settings):
    pictures = torch.tensor(np.stack([PICTURES[name]] * 2)).permute(0, 3, 1, 2) / 255
    return (change(pictures, *(torch.tensor([one, one]) for one in settings)) * 255)[1].permute(1, 2, 0).numpy()


def close(found, image, levels):
    np.testing.assert_allclose(found, np.asarray(image).astype(float), rtol=0, atol=levels)


@pytest.mark.parametrize("name", PICTURES)
def test_autocontrast(name):
    close(ours(name, pixel_operations.autocontrast), ImageOps.autocontrast(Image.fromarray(PICTURES[name])), 1.001)


@pytest.mark.parametrize("name", PICTURES)
def test_equalize(name):
    close(ours(name, pixel_operations.equalize), ImageOps.equalize(Image.fromarray(PICTURES[name])), 1e-3)


def test_equalize_of_many_pixels():
    """Enough pixels for a step above 1."""
    picture = np.minimum(RNG.gamma(2, 20, (64, 48, 3)), 255).astype(np.uint8)
    found = pixel_operations.equalize(torch.tensor(picture).permute(2, 0, 1)[None] / 255)[0].permute(1, 2, 0) * 255
    close(found.numpy(), ImageOps.equalize(Image.fromarray(picture)), 1e-3)
    assert np.abs(found.numpy() - picture).max() > 50


@pytest.mark.parametrize("bits", [1, 4, 8])
@pytest.mark.parametrize("name", PICTURES)
def test_posterize(name, bits):
    close(
        ours(name, pixel_operations.posterize, float(bits)),
        ImageOps.posterize(Image.fromarray(PICTURES[name]), bits),
        1e-3,
    )


@pytest.mark.parametrize("factor", [0.1, 1.0, 1.9])
@pytest.mark.parametrize("name", PICTURES)
def test_sharpness(name, factor):
    expected = ImageEnhance.Sharpness(Image.fromarray(PICTURES[name])).enhance(factor)
    close(ours(name, pixel_operations.sharpness, factor), expected, 1.6)


@pytest.mark.parametrize("threshold", [0, 128, 255])
@pytest.mark.parametrize("name", PICTURES)
def test_solarize(name, threshold):
    expected = ImageOps.solarize(Image.fromarray(PICTURES[name]), threshold)
    close(ours(name, pixel_operations.solarize, (threshold - 0.5) / 255), expected, 1e-3)
