"""Elastic, blur, noise and erasing: against scipy, and against closed forms of what they draw."""

import numpy as np
import pytest
import torch
from scipy import ndimage, stats

from luthier.core.rng import generator
from luthier.data.augment import Blur, Elastic, Noise, RandomErasing
from luthier.data.augment.blur import blur
from luthier.data.augment.composer import apply

PICTURES = torch.rand(5, 3, 7, 11, generator=generator(0, "pictures"))
SIZE = tuple(PICTURES.shape)
MANY = (400, 1, 17, 23)


def rng():
    return generator(0, "x")


def smooth(array, sigma):
    """Blur the last two sides; what is outside counts for nothing."""
    sigmas = (0,) * (array.ndim - 2) + (sigma, sigma)
    whole = ndimage.gaussian_filter(np.ones_like(array), sigmas, mode="constant", truncate=9)
    return ndimage.gaussian_filter(array, sigmas, mode="constant", truncate=9) / whole


@pytest.mark.parametrize("sigma", [0.3, 1.0, 2.5])
def test_a_blur_is_that_of_scipy(sigma):
    found = blur(PICTURES.double(), torch.tensor([sigma]).double())
    np.testing.assert_allclose(found, smooth(PICTURES.double().numpy(), sigma), rtol=0, atol=1e-8)


def test_each_picture_has_its_own_blur():
    sigma = torch.rand(5, generator=rng()) * 3
    found = apply(PICTURES, [Blur(sigma=3.0).draw(SIZE, rng())])
    for picture, width, result in zip(PICTURES.numpy(), sigma, found, strict=True):
        np.testing.assert_allclose(result, smooth(picture, float(width)), rtol=0, atol=1e-5)


def test_an_even_picture_stays_even_under_blur():
    even = torch.full(SIZE, 0.7)
    torch.testing.assert_close(apply(even, [Blur(sigma=5.0).draw(SIZE, rng())]), even, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("fill", "mode"), [("zeros", "grid-constant"), ("edge", "nearest"), ("reflect", "reflect")])
def test_elastic_is_that_of_the_paper_by_scipy(fill, mode):
    rough = (torch.rand(5, 2, 7, 11, generator=rng()) * 2 - 1).double().numpy()
    fields = smooth(rough, 1.5) * 6
    found = apply(PICTURES, [Elastic(alpha=6.0, sigma=1.5, fill=fill).draw(SIZE, rng())])
    rows, columns = np.mgrid[:7, :11]
    for picture, field, result in zip(PICTURES.numpy(), fields, found, strict=True):
        for channel, ours in zip(picture, result, strict=True):
            places = (rows + field[1], columns + field[0])
            expected = ndimage.map_coordinates(channel, places, order=1, mode=mode)
            np.testing.assert_allclose(ours, expected, rtol=0, atol=3e-5)
    assert np.abs(fields).max() > 1


def test_noise_has_its_width_and_no_mean():
    grey = torch.full(MANY, 0.5)
    values = (apply(grey, [Noise(std=0.1).draw(MANY, rng())]) - grey).flatten().numpy()
    assert stats.kstest(values[:5000] / 0.1, "norm").pvalue > 1e-3
    assert abs(values.std() / 0.1 - 1) < 0.01 and abs(values.mean()) < 1e-3


def test_noise_is_cut_off():
    found = apply(PICTURES, [Noise(std=1.0).draw(SIZE, rng())])
    assert float(found.min()) == 0 and float(found.max()) == 1


def holes(part, size=MANY):
    """Where something was put: pictures of 2 are changed wherever there is a hole."""
    return apply(torch.full(size, 2.0), [part.draw(size, rng())]) < 2


def test_a_hole_is_one_rectangle_in_all_channels():
    found = holes(RandomErasing(probability=1.0), (50, 3, 17, 23))
    assert torch.equal(found[:, 0], found[:, 1]) and torch.equal(found[:, 0], found[:, 2])
    for hole in found[:, 0]:
        rows, columns = hole.any(1).nonzero(), hole.any(0).nonzero()
        height, width = (int(one.max() - one.min()) + 1 for one in (rows, columns))
        assert int(hole.sum()) == height * width


def test_holes_are_drawn_as_the_paper_says():
    size = (3000, 1, 64, 64)
    found = holes(RandomErasing(probability=1.0, area=0.3), size)[:, 0]
    share = found.flatten(1).float().mean(1)
    assert stats.kstest(share.numpy(), stats.uniform(0.02, 0.28).cdf).statistic < 0.03
    heights, widths = (found.any(axis).sum(1) for axis in (2, 1))
    stretch = (heights / widths).log() / np.log(1 / 0.3)
    assert stats.kstest(stretch.numpy(), stats.uniform(-1, 2).cdf).statistic < 0.03
    top = found.any(2).int().argmax(1) / (64 - heights).clamp(min=1)
    assert stats.kstest(top[heights < 40].numpy(), stats.uniform(0, 1).cdf).statistic < 0.05


@pytest.mark.parametrize("probability", [0.25, 1.0])
def test_so_many_have_a_hole(probability):
    count = int(holes(RandomErasing(probability=probability)).flatten(1).any(1).sum())
    assert stats.binomtest(count, MANY[0], probability).pvalue > 1e-3


def test_what_is_put_into_a_hole():
    size = (1, 1, 64, 64)
    for part, even in [(RandomErasing(probability=1.0, area=1.0), True), (RandomErasing(content="zeros"), False)]:
        found = apply(torch.full((90, *size[1:]), 2.0), [part.draw((90, *size[1:]), rng())])
        inside = found[found < 2].numpy()
        assert stats.kstest(inside[:3000], "uniform").pvalue > 1e-3 if even else (inside == 0).all()
