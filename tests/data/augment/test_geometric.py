"""The moves: against scipy on pictures, against closed forms of what they draw."""

import math

import numpy as np
import pytest
import torch
from scipy import ndimage, stats

from luthier.core.rng import generator
from luthier.data.augment import (
    Affine,
    Composer,
    HorizontalFlip,
    RandomCrop,
    RandomScale,
    Rotation,
    Shear,
    Squeeze,
    Translation,
    VerticalFlip,
)
from luthier.data.augment.composer import apply

PICTURES = torch.rand(5, 3, 7, 11, generator=generator(0, "pictures"))
PARTS = [
    RandomCrop(padding=2),
    RandomCrop(area=0.3),
    RandomScale(share=0.5),
    Rotation(degrees=180),
    Shear(horizontal=0.5, vertical=0.4),
    Squeeze(strength=0.6),
    Translation(share=0.4),
    HorizontalFlip(),
    VerticalFlip(),
]
SCIPY = {"zeros": "grid-constant", "edge": "nearest", "reflect": "reflect"}
MANY = (4000, 1, 7, 11)


def drawn(part, size=MANY):
    return part.draw(size, generator(0, part.name)).matrix.double()


def by_scipy(picture, matrix, mode):
    """Move one channel (H, W): scipy asks where a row and a column are read, so the inverse, axes exchanged."""
    back = np.linalg.inv(matrix)
    rows_columns = back[:2, :2][::-1, ::-1]
    centre = (np.array(picture.shape) - 1) / 2
    offset = back[:2, 2][::-1] + centre - rows_columns @ centre
    return ndimage.affine_transform(picture, rows_columns, offset, order=1, mode=mode)


@pytest.mark.parametrize("fill", SCIPY)
@pytest.mark.parametrize("part", PARTS, ids=lambda part: f"{part.name}-{getattr(part, 'area', '')}")
def test_pictures_move_as_scipy_moves_them(part, fill):
    matrix = drawn(part, tuple(PICTURES.shape))
    found = apply(PICTURES, [Affine(matrix.float(), fill)])
    for picture, one, result in zip(PICTURES.double().numpy(), matrix.numpy(), found, strict=True):
        for channel, ours in zip(picture, result, strict=True):
            expected = by_scipy(channel, one, SCIPY[fill])
            np.testing.assert_allclose(ours, expected, rtol=0, atol=2e-5)


@pytest.mark.parametrize("fill", SCIPY)
def test_parts_hand_their_fill_on(fill):
    assert Rotation(fill=fill).draw(MANY, generator(0, "x")).fill == fill


def test_moves_that_fill_alike_are_one_resample_and_others_are_not():
    """There and back in one resample loses nothing; between different fills the corners are lost."""
    there, back = (torch.eye(3).repeat(5, 1, 1) for _ in range(2))
    there[:, 0, 2], back[:, 0, 2] = 5, -5
    for fills in (("zeros", "zeros"), ("edge", None), (None, "edge")):
        draws = [Affine(there, fills[0]), Affine(torch.eye(3).repeat(5, 1, 1)), Affine(back, fills[1])]
        assert torch.equal(apply(PICTURES, draws), PICTURES)
    found = apply(PICTURES, [Affine(there, "edge"), Affine(back, "zeros")])
    torch.testing.assert_close(found[..., :6], PICTURES[..., :6], rtol=0, atol=1e-5)
    assert float(found[..., 6:].abs().max()) < 1e-5


def test_pictures_that_do_not_move_keep_every_bit():
    matrix = torch.eye(3).repeat(5, 1, 1)
    matrix[1, 0, 0] = -1
    found = apply(PICTURES, [Affine(matrix)])
    assert torch.equal(found[[0, 2, 3, 4]], PICTURES[[0, 2, 3, 4]])
    torch.testing.assert_close(found[1], PICTURES[1].flip(2), rtol=0, atol=5e-6)


@pytest.mark.parametrize(("part", "axis"), [(HorizontalFlip(probability=1), 3), (VerticalFlip(probability=1), 2)])
def test_flips(part, axis):
    found = Composer((part,))(PICTURES, lambda name: generator(0, name))
    torch.testing.assert_close(found, PICTURES.flip(axis), rtol=0, atol=5e-6)


@pytest.mark.parametrize("part", [HorizontalFlip, VerticalFlip])
@pytest.mark.parametrize("probability", [0.2, 0.5, 1.0])
def test_so_many_are_flipped(part, probability):
    flipped = int((drawn(part(probability=probability)).det() < 0).sum())
    assert stats.binomtest(flipped, MANY[0], probability).pvalue > 1e-3


UNIFORM = {
    "angle": (Rotation(degrees=30), lambda m: np.degrees(np.arctan2(m[:, 1, 0], m[:, 0, 0])), -30, 30),
    "scale": (RandomScale(share=0.3), lambda m: m[:, 0, 0], 0.7, 1.3),
    "right": (Translation(share=0.25), lambda m: m[:, 0, 2], -11 / 4, 11 / 4),
    "down": (Translation(share=0.25), lambda m: m[:, 1, 2], -7 / 4, 7 / 4),
    "slant": (Shear(horizontal=0.4), lambda m: m[:, 0, 1], -0.4, 0.4),
    "fall": (Shear(vertical=0.3), lambda m: m[:, 1, 0], -0.3, 0.3),
    "squeeze": (Squeeze(strength=0.5), lambda m: np.log(m[:, 0, 0]), -math.log(1.5), math.log(1.5)),
    "area": (RandomCrop(area=0.2, aspect=1), lambda m: 1 / m[:, 0, 0] / m[:, 1, 1], 0.2, 1),
}


@pytest.mark.parametrize("name", UNIFORM)
def test_what_is_drawn_is_even_between_its_ends(name):
    part, value, low, high = UNIFORM[name]
    found = value(drawn(part).numpy())
    assert stats.kstest(found, stats.uniform(low, high - low).cdf).pvalue > 1e-3
    assert low - 1e-6 <= found.min() < found.max() <= high + 1e-6


def test_a_crop_of_the_whole_size_moves_by_each_number_of_pixels_as_often():
    shifts = drawn(RandomCrop(padding=2))[:, :2, 2]
    assert torch.equal(shifts, shifts.round())
    for axis in shifts.T:
        counts = np.unique(axis.numpy(), return_counts=True)
        assert counts[0].tolist() == [-2, -1, 0, 1, 2]
        assert stats.chisquare(counts[1]).pvalue > 1e-3


@pytest.mark.parametrize(("padding", "reach"), [(0, 0), (3, 3)])
def test_a_smaller_window_leaves_the_picture_by_the_padding_at_most(padding, reach):
    """The corners of the full size, taken back, are the corners of the window."""
    back = torch.linalg.inv(drawn(RandomCrop(area=0.1, aspect=3, padding=padding)))
    corner = torch.tensor([[-5.5, -3.5, 1], [5.5, 3.5, 1]], dtype=torch.float64)
    corners = (back[:, None] @ corner[..., None]).squeeze(-1)
    assert bool((corners[..., 0].abs() <= 5.5 + reach + 1e-4).all())
    assert bool((corners[..., 1].abs() <= 3.5 + reach + 1e-4).all())
    width = (corners[:, 1] - corners[:, 0])[:, 0] / 11
    height = (corners[:, 1] - corners[:, 0])[:, 1] / 7
    stretch = width / height
    assert 1 / 3 - 1e-4 < float(stretch.min()) < 0.4 and 2.5 < float(stretch.max()) < 3 + 1e-4


def test_a_squeeze_keeps_the_area():
    torch.testing.assert_close(drawn(Squeeze(strength=1)).det(), torch.ones(MANY[0]).double(), rtol=0, atol=1e-5)


def test_signs_may_change():
    assert HorizontalFlip().label_changing and VerticalFlip().label_changing and Rotation(degrees=90).label_changing
    safe = (HorizontalFlip(probability=0), VerticalFlip(probability=0), Rotation(degrees=89), Squeeze(), Translation())
    assert not any(part.label_changing for part in safe)
