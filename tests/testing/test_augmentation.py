"""The battery for augmentations, over the catalogue, on good ones of each kind, and on broken ones."""

from functools import partial

import pytest
import torch

from luthier.core.card import Card
from luthier.core.rng import generator
from luthier.data.augment import (
    AUGMENTATIONS,
    Affine,
    Augmentation,
    Blur,
    Color,
    Colour,
    Composer,
    Elastic,
    Grayscale,
    HorizontalFlip,
    Inversion,
    Noise,
    Pixel,
    RandAugment,
    RandomCrop,
    RandomErasing,
    RandomScale,
    Rotation,
    Shear,
    Squeeze,
    Translation,
    TrivialAugment,
    VerticalFlip,
)
from luthier.testing import check_augmentation
from luthier.testing.material import Shade

PARTS = {
    Blur: ([{"sigma": 0.01}, {"sigma": 9.0}], {"sigma": 0.0}),
    Color: ([{"brightness": 1.0, "contrast": 1.0, "saturation": 1.0, "hue": 0.5}, {"contrast": 0.0, "hue": 0.0}],
            {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "hue": 0.0}),
    Elastic: ([{"alpha": 300.0, "fill": "edge"}, {"sigma": 0.001, "fill": "reflect"}], {"alpha": 0.0}),
    Grayscale: ([{"probability": 1.0}], {"probability": 0.0}),
    HorizontalFlip: ([{"probability": 1.0}], {"probability": 0.0}),
    Inversion: ([{"probability": 1.0}], {"probability": 0.0}),
    Noise: ([{"std": 1.0}], {"std": 0.0}),
    RandAugment: ([{"operations": 14, "magnitude": 30.0}, {"magnitude": 0.0, "fill": "edge"}], {"operations": 0}),
    RandomCrop: ([{"padding": 20}, {"area": 0.05}, {"area": 0.5, "aspect": 9.0, "padding": 0, "fill": "reflect"}],
                 {"padding": 0}),
    RandomErasing: ([{"probability": 1.0, "area": 1.0, "content": "zeros"}, {"area": 0.001}], {"area": 0.0}),
    RandomScale: ([{"share": 0.99}, {"fill": "edge"}], {"share": 0.0}),
    Rotation: ([{"degrees": 180.0}, {"fill": "reflect"}], {"degrees": 0.0}),
    Shear: ([{"horizontal": 2.0, "vertical": 2.0}, {"horizontal": 0.0, "vertical": 0.5}], {"horizontal": 0.0}),
    Squeeze: ([{"strength": 1.0}, {"fill": "edge"}], {"strength": 0.0}),
    Translation: ([{"share": 1.0}, {"fill": "reflect"}], {"share": 0.0}),
    TrivialAugment: ([{"probability": 0.5}, {"fill": "reflect"}], {"probability": 0.0}),
    VerticalFlip: ([{"probability": 1.0}], {"probability": 0.0}),
}  # fmt: skip
"""Each augmentation of the catalogue with settings to try, and one at which it is off."""


def test_every_augmentation_is_tried():
    assert list(PARTS) == list(AUGMENTATIONS)


@pytest.mark.parametrize("member", PARTS, ids=lambda member: member.name)
def test_catalogue(member):
    settings, off = PARTS[member]
    check_augmentation(member(), off=member(**off))
    for one in settings:
        check_augmentation(member(**one))


@pytest.mark.parametrize("member", PARTS, ids=lambda member: member.name)
def test_defaults_are_not_off_and_change_pictures(member):
    pictures = torch.rand(64, 3, 7, 11, generator=generator(0, "pictures"))
    assert not torch.equal(Composer((member(),))(pictures, lambda name: generator(0, name)), pictures)


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


def test_an_off_value_that_is_not_off(red):
    message = "Rotation(fill='zeros', degrees=1.0) must change no bit and draw nothing; see to its `off`"
    assert red(partial(check_augmentation, off=Rotation(degrees=1)), Rotation()) == message
