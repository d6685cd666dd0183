"""Colours: against Pillow, colorsys and closed forms."""

import colorsys

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance, ImageOps
from scipy import stats

from luthier.core.rng import generator
from luthier.data.augment import Color, Colour, Grayscale, Inversion, pixel_operations
from luthier.data.augment.composer import apply

BYTES = np.random.default_rng(0).integers(0, 256, (7, 11, 3), dtype=np.uint8)
PICTURE = torch.tensor(BYTES).permute(2, 0, 1)[None] / 255
LEVEL = 1.01 / 255
"""Pillow rounds to bytes, and its grey too."""


def changed(matrix):
    return apply(PICTURE, [Colour(matrix)])


def as_floats(image):
    return torch.tensor(np.asarray(image)).permute(2, 0, 1)[None] / 255


@pytest.mark.parametrize("factor", [0.0, 0.4, 1.0, 1.7])
@pytest.mark.parametrize(
    ("ours", "pillow"),
    [(pixel_operations.brightness, ImageEnhance.Brightness), (pixel_operations.saturation, ImageEnhance.Color)],
)
def test_brightness_and_saturation_are_those_of_pillow(ours, pillow, factor):
    expected = as_floats(pillow(Image.fromarray(BYTES)).enhance(factor))
    torch.testing.assert_close(changed(ours(torch.tensor([factor]), 3)), expected, rtol=0, atol=2 * LEVEL)


def test_inversion_is_that_of_pillow():
    matrix = Inversion(probability=1).draw((1, 3, 7, 11), generator(0, "x")).matrix
    expected = as_floats(ImageOps.invert(Image.fromarray(BYTES)))
    torch.testing.assert_close(changed(matrix), expected, rtol=0, atol=1e-6)


def test_grey_is_that_of_pillow_in_all_channels():
    found = changed(Grayscale(probability=1).draw((1, 3, 7, 11), generator(0, "x")).matrix)
    grey = torch.tensor(np.asarray(Image.fromarray(BYTES).convert("L"))) / 255
    torch.testing.assert_close(found, grey.expand(1, 3, 7, 11), rtol=0, atol=LEVEL)


@pytest.mark.parametrize("factor", [0.0, 0.4, 1.7])
def test_contrast_is_about_mid_grey(factor):
    expected = (0.5 + factor * (PICTURE - 0.5)).clamp(0, 1)
    torch.testing.assert_close(
        changed(pixel_operations.contrast(torch.tensor([factor]), 3)), expected, rtol=0, atol=1e-6
    )


@pytest.mark.parametrize("turn", [0.0, 0.1, -0.3, 0.5])
def test_hue_turns_the_colour_differences_of_yiq(turn):
    """colorsys rounds the constants of the television standard to two digits."""
    mix = pixel_operations.hue(torch.tensor([turn]), 3)[0, :3, :3].double().numpy()
    for pixel in BYTES.reshape(-1, 3)[:20] / 255:
        luma, i, q = colorsys.rgb_to_yiq(*pixel)
        turned = complex(i, q) * np.exp(2j * np.pi * turn)
        expected = np.array([luma, turned.real, turned.imag])
        np.testing.assert_allclose(colorsys.rgb_to_yiq(*(mix @ pixel)), expected, rtol=0, atol=0.02)
        np.testing.assert_allclose(
            mix @ pixel @ pixel_operations.LUMA, pixel @ pixel_operations.LUMA, rtol=0, atol=1e-5
        )


def test_a_third_of_the_circle_three_times_is_the_whole():
    third = pixel_operations.hue(torch.tensor([1 / 3]), 3)[0]
    torch.testing.assert_close(third @ third @ third, torch.eye(4), rtol=0, atol=1e-5)
    assert float((third - torch.eye(4)).abs().max()) > 0.5


def test_the_parts_of_color_come_one_after_the_other():
    """With brightness alone, the matrix is a brightness; with all, each leaves its trace."""
    matrix = Color(contrast=0, saturation=0, hue=0).draw((9, 3, 7, 11), generator(0, "x")).matrix
    torch.testing.assert_close(matrix, pixel_operations.brightness(matrix[:, 0, 0], 3), rtol=0, atol=1e-6)
    contrasted = Color(brightness=0, saturation=0, hue=0).draw((9, 3, 7, 11), generator(0, "x")).matrix
    torch.testing.assert_close(contrasted, pixel_operations.contrast(contrasted[:, 0, 0], 3), rtol=0, atol=1e-6)
    full = Color(brightness=0, contrast=0, hue=0).draw((9, 3, 7, 11), generator(0, "x")).matrix
    shares = (full[:, 0, 0] - full[:, 1, 0]).unsqueeze(1)
    torch.testing.assert_close(full, pixel_operations.saturation(shares.squeeze(1), 3), rtol=0, atol=1e-6)
    assert float(full[:, :3, :3].sum(2).sub(1).abs().max()) < 1e-6


def test_factors_are_even_between_their_ends():
    matrix = Color(brightness=0.4, contrast=0, saturation=0, hue=0).draw((4000, 1, 7, 11), generator(0, "x")).matrix
    assert stats.kstest(matrix[:, 0, 0].numpy(), stats.uniform(0.6, 0.8).cdf).pvalue > 1e-3


@pytest.mark.parametrize("part", [Grayscale(probability=0.3), Inversion(probability=0.3)])
def test_so_many_are_changed(part):
    matrix = part.draw((4000, 3, 7, 11), generator(0, "x")).matrix
    count = int((matrix != torch.eye(4)).flatten(1).any(1).sum())
    assert stats.binomtest(count, 4000, 0.3).pvalue > 1e-3


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_other_channels_have_no_hue_and_equal_shares_of_grey(channels):
    assert torch.equal(pixel_operations.hue(torch.tensor([0.3]), channels)[0], torch.eye(channels + 1))
    grey = pixel_operations.saturation(torch.tensor([0.0]), channels)[0, :-1, :-1]
    torch.testing.assert_close(grey, torch.full((channels, channels), 1 / channels))
