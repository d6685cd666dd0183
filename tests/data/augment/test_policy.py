"""RandAugment and TrivialAugment: every operation against its definition, and how often each is drawn."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from luthier.core.rng import generator
from luthier.data.augment import Affine, Colour, Composer, RandAugment, TrivialAugment, geometric, pixel_operations
from luthier.data.augment.composer import apply
from luthier.data.augment.policy import OPERATIONS, Choice, Space, operate

PICTURES = (torch.rand(5, 3, 7, 11, generator=generator(0, "pictures")) * 255).round() / 255
SPACE = Space(shear=0.3, share=0.4, pixels=1, degrees=30, factor=0.9, bits=4)
LEVEL = 0.5


def same(matrix):
    return matrix.expand(5, -1, -1)


def one(value):
    return torch.tensor([value])


FACTOR = one(1 - LEVEL * 0.9)
NONE = one(0.0)
EXPECTED = {
    "identity": [],
    "autocontrast": pixel_operations.autocontrast,
    "brightness": [Colour(same(pixel_operations.brightness(FACTOR, 3)))],
    "color": [Colour(same(pixel_operations.saturation(FACTOR, 3)))],
    "contrast": [Colour(same(pixel_operations.contrast(FACTOR, 3)))],
    "equalize": pixel_operations.equalize,
    "posterize": lambda pictures: pixel_operations.posterize(pictures, one(6.0)),
    "rotate": [Affine(same(geometric.rotation_matrix(one(-math.radians(15)))))],
    "sharpness": lambda pictures: pixel_operations.sharpness(pictures, FACTOR),
    "shear-x": [Affine(same(geometric.shear_matrix(one(-0.15), NONE)))],
    "shear-y": [Affine(same(geometric.shear_matrix(NONE, one(-0.15))))],
    "solarize": lambda pictures: pixel_operations.solarize(pictures, one(0.5)),
    "translate-x": [Affine(same(geometric.shift_matrix(one(-0.5 * (0.4 * 11 + 1)), NONE)))],
    "translate-y": [Affine(same(geometric.shift_matrix(NONE, one(-0.5 * (0.4 * 7 + 1)))))],
}


STILL = ("identity", "equalize")
"""77 pixels are too few to spread over 256 levels, as in Pillow."""


def expected(name, pictures):
    change = EXPECTED[name]
    return apply(pictures, change) if isinstance(change, list) else change(pictures)


def done(operation):
    choice = Choice(operation, torch.full((5,), LEVEL), torch.full((5,), -1.0))
    return apply(PICTURES, operate(choice, (5, 3, 7, 11), SPACE, "zeros"))


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation(name):
    found = done(torch.full((5,), OPERATIONS.index(name)))
    torch.testing.assert_close(found, expected(name, PICTURES), rtol=0, atol=1e-6)
    assert (name in STILL) == torch.equal(found, PICTURES)


def test_each_picture_has_its_own():
    names = ["rotate", "solarize", "identity", "contrast", "equalize"]
    found = done(torch.tensor([OPERATIONS.index(name) for name in names]))
    for row, name in enumerate(names):
        torch.testing.assert_close(found[row], expected(name, PICTURES)[row], rtol=0, atol=1e-6)
    assert torch.equal(found[2], PICTURES[2])


def test_there_are_fourteen():
    assert len(OPERATIONS) == len(EXPECTED) == 14 and list(OPERATIONS) == list(EXPECTED)


@pytest.mark.parametrize(
    ("part", "count"), [(RandAugment(operations=3), 3), (TrivialAugment(), 1), (TrivialAugment(probability=0.5), 1)]
)
def test_every_operation_is_drawn_as_often(part, count, monkeypatch):
    seen = []
    for module in ("randaugment", "trivialaugment"):
        monkeypatch.setattr(f"luthier.data.augment.{module}.operate", lambda choice, *rest: seen.append(choice) or [])
    part.draw((4200, 1, 7, 11), generator(0, "x"))
    assert len(seen) == count
    for choice in seen:
        frequencies = np.bincount(choice.operation.numpy(), minlength=14)
        share = getattr(part, "probability", 1.0)
        odds = np.full(14, share / 14) + np.eye(14)[0] * (1 - share)
        assert stats.chisquare(frequencies, odds * 4200).pvalue > 1e-3
        assert stats.binomtest(int((choice.sign > 0).sum()), 4200).pvalue > 1e-3
        levels = choice.level.unique()
        assert len(levels) == (1 if isinstance(part, RandAugment) else 31)
    assert not torch.equal(seen[0].operation, seen[-1].operation) or count == 1


def test_randaugment_is_its_rounds_one_after_the_other():
    """At magnitude 0 an even picture can only be inverted where it is white, which black never is."""
    black = torch.zeros(64, 3, 7, 11)
    part = RandAugment(operations=4, magnitude=0.0)
    assert torch.equal(Composer((part,))(black, lambda name: generator(0, name)), black)
    some = torch.rand(64, 3, 7, 11, generator=generator(0, "some"))
    changed = [
        (Composer((RandAugment(operations=n),))(some, lambda name: generator(0, name)) != some).flatten(1).any(1).sum()
        for n in (1, 2, 6)
    ]
    assert 64 > changed[0] * 0.99 and changed[0] < changed[1] <= changed[2]
