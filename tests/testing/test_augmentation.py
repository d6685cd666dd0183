"""The battery for augmentations, over the catalogue, on good ones of each kind, and on broken ones."""

import pytest
import torch

from luthier.augment import AUGMENTATIONS, Affine, Augmentation, Colour, Pixel
from luthier.core.card import Card
from luthier.testing import check_augmentation
from luthier.testing.material import Shade


def test_catalogue():
    for member in AUGMENTATIONS:
        check_augmentation(member())


class Shift(Augmentation):
    """Moves each picture by up to a pixel."""

    name = "shift"
    card = Card(summary="Moves.", source="tests")

    def draw(self, size, rng):
        matrix = torch.eye(3).repeat(size[0], 1, 1)
        matrix[:, :2, 2] = torch.rand(size[0], 2, generator=rng)
        return Affine(matrix)


class Tint(Shift):
    """Scales each channel."""

    def draw(self, size, rng):
        factors = torch.rand(size[0], size[1] + 1, generator=rng)
        factors[:, -1] = 1
        return Colour(torch.diag_embed(factors))


@pytest.mark.parametrize("part", [Shift(), Tint(), Shade()])
def test_good_ones(part):
    check_augmentation(part)


class Public(Shift):
    """Draws from the global generator."""

    def draw(self, size, rng):
        factor = torch.rand(size[0], 1, 1, 1)
        return Pixel(lambda x: x * factor)


class Late(Shift):
    """Draws when it is applied."""

    def draw(self, size, rng):
        return Pixel(lambda x: x * torch.rand(x.shape, generator=rng))


class InPlace(Shift):
    """Changes the pictures it is given."""

    def draw(self, size, rng):
        return Pixel(lambda x: x.mul_(0.5))


class Loud(Shift):
    """Leaves the range."""

    def draw(self, size, rng):
        return Pixel(lambda x: x * 1.5)


class Contrast(Shift):
    """Divides by the largest value, which may be 0."""

    def draw(self, size, rng):
        return Pixel(lambda x: x / x.amax((1, 2, 3), keepdim=True))


class Transposed(Shift):
    """Swaps height and width."""

    def draw(self, size, rng):
        return Pixel(lambda x: x.transpose(2, 3))


class Wide(Shift):
    """Gives 64 bits."""

    def draw(self, size, rng):
        return Pixel(lambda x: x.double())


class Single(Shift):
    """Draws one matrix for the whole batch."""

    def draw(self, size, rng):
        return Affine(torch.eye(3).unsqueeze(0))


class Grey(Shift):
    """Knows three channels only."""

    def draw(self, size, rng):
        return Colour(torch.eye(4).repeat(size[0], 1, 1))


class Flattened(Shift):
    """Moves everything onto a line."""

    def draw(self, size, rng):
        return Affine(torch.diag(torch.tensor([1.0, 0.0, 1.0])).repeat(size[0], 1, 1))


class Nothing(Shift):
    """Draws nothing."""

    def draw(self, size, rng):
        return None


WHERE = "shift on pictures of size (5, 3, 7, 11)"
RED = {
    Public: f"{WHERE} must draw from the generator it is given, but moved a global one",
    Late: f"{WHERE} must have drawn before it is applied, but two applications differ",
    InPlace: f"{WHERE} must leave the pictures it is given as they were",
    Loud: f"{WHERE} must keep values in [0, 1], but gave 0.",
    Contrast: f"{WHERE}, all 0, must keep values in [0, 1], but gave nan to nan",
    Transposed: f"{WHERE} must keep shape and type, but gave (5, 3, 11, 7) torch.float32",
    Wide: f"{WHERE} must keep shape and type, but gave (5, 3, 7, 11) torch.float64",
    Single: f"{WHERE} must draw finite matrices of shape (5, 3, 3), but drew (1, 3, 3)",
    Grey: "shift on pictures of size (2, 1, 13, 6) must draw finite matrices of shape (2, 2, 2), but drew (2, 4, 4)",
    Flattened: f"{WHERE} must draw moves that can be undone",
    Nothing: f"{WHERE} must draw an Affine, Colour or Pixel, but drew None",
}


@pytest.mark.parametrize("broken", RED, ids=lambda broken: broken.__name__)
def test_red(broken, red):
    assert red(check_augmentation, broken()).startswith(RED[broken])
