"""The composer: exact moves against array operations, one resample for many moves, colours, order, views."""

import math

import pytest
import torch

from luthier.core.card import Card
from luthier.core.rng import generator
from luthier.data.augment import Affine, Augmentation, Colour, Composer, Noise, Pixel, Rotation
from luthier.data.augment.composer import apply, apply_several
from luthier.testing.material import Shade
from luthier.testing.training import prepared
from luthier.training.trick import StepContext

PICTURES = torch.rand(5, 3, 7, 11, generator=generator(0, "pictures"))


SQUARES = torch.rand(5, 3, 8, 8, generator=generator(0, "squares"))


def moved(pictures, *matrices):
    """Apply moves, the same for every picture, in the order given."""
    draws = [Affine(torch.tensor(one, dtype=torch.float32).expand(len(pictures), 3, 3)) for one in matrices]
    return apply(pictures, draws)


def rotation(degrees):
    angle = math.radians(degrees)
    return [[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1]]


def shift(right, down):
    return [[1, 0, right], [0, 1, down], [0, 0, 1]]


FLIP = [[-1, 0, 0], [0, 1, 0], [0, 0, 1]]


DOUBLE = [[2, 0, 0], [0, 2, 0], [0, 0, 1]]


def test_without_augmentations_pictures_pass_untouched():
    assert Composer(())(PICTURES, lambda name: generator(0, name)) is PICTURES


@pytest.mark.parametrize("pictures", [PICTURES, SQUARES, PICTURES[:1], PICTURES[:, :1, :1, :1]])
def test_the_identity_changes_nothing_but_rounding(pictures):
    torch.testing.assert_close(moved(pictures, shift(0, 0)), pictures, rtol=0, atol=2e-6)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_quarter_turns_are_exact(quarters):
    """With y downwards a positive angle turns clockwise, which is rot90 from the second axis to the first."""
    found = moved(SQUARES, rotation(90 * quarters))
    torch.testing.assert_close(found, torch.rot90(SQUARES, -quarters, (2, 3)), rtol=0, atol=5e-6)


def test_a_half_turn_of_pictures_that_are_not_square():
    torch.testing.assert_close(moved(PICTURES, rotation(180)), PICTURES.flip(2, 3), rtol=0, atol=5e-6)


@pytest.mark.parametrize(("right", "down"), [(2, 0), (0, 3), (-1, 2), (20, 0)])
def test_whole_shifts_move_pixels_and_bring_in_zeros(right, down):
    expected = torch.zeros_like(PICTURES)
    for i in range(7):
        for j in range(11):
            if 0 <= i - down < 7 and 0 <= j - right < 11:
                expected[:, :, i, j] = PICTURES[:, :, i - down, j - right]
    torch.testing.assert_close(moved(PICTURES, shift(right, down)), expected, rtol=0, atol=5e-6)


def test_half_a_pixel_is_the_mean_of_neighbours():
    found = moved(PICTURES, shift(0.5, 0))
    expected = (PICTURES[..., 1:] + PICTURES[..., :-1]) / 2
    torch.testing.assert_close(found[..., 1:], expected, rtol=0, atol=5e-6)
    torch.testing.assert_close(found[..., 0], PICTURES[..., 0] / 2, rtol=0, atol=5e-6)


def test_a_flip():
    torch.testing.assert_close(moved(PICTURES, FLIP), PICTURES.flip(3), rtol=0, atol=5e-6)


def test_halving_keeps_the_centre_and_leaves_a_black_frame():
    found = moved(torch.ones(1, 1, 8, 8), [[0.5, 0, 0], [0, 0.5, 0], [0, 0, 1]])
    expected = torch.zeros(1, 1, 8, 8)
    expected[:, :, 2:6, 2:6] = 1
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(
    "moves", [(rotation(90), shift(2, 0)), (shift(2, 0), rotation(90)), (FLIP, shift(1, -1), rotation(270))]
)
def test_many_moves_at_once_are_the_moves_one_by_one(moves):
    step = SQUARES
    for one in moves:
        step = moved(step, one)
    torch.testing.assert_close(moved(SQUARES, *moves), step, rtol=0, atol=1e-5)


def test_the_order_of_moves_counts():
    first, second = moved(SQUARES, rotation(90), shift(2, 0)), moved(SQUARES, shift(2, 0), rotation(90))
    assert float((first - second).abs().max()) > 0.1


def test_moves_that_undo_each_other_lose_nothing():
    """One resample for the product: two would have cut off the corners."""
    back = [[0.5, 0, 0], [0, 0.5, 0], [0, 0, 1]]
    torch.testing.assert_close(moved(SQUARES, DOUBLE, back), SQUARES, rtol=0, atol=1e-5)
    assert float((moved(moved(SQUARES, DOUBLE), back) - SQUARES).abs().max()) > 0.1


def test_each_picture_has_its_own_move():
    matrices = torch.tensor([shift(0, 0), shift(1, 0), shift(0, 1), FLIP, rotation(180)], dtype=torch.float32)
    found = apply(PICTURES, [Affine(matrices)])
    torch.testing.assert_close(found[0], PICTURES[0], rtol=0, atol=5e-6)
    torch.testing.assert_close(found[1, :, :, 1:], PICTURES[1, :, :, :-1], rtol=0, atol=5e-6)
    torch.testing.assert_close(found[2, :, 1:], PICTURES[2, :, :-1], rtol=0, atol=5e-6)
    torch.testing.assert_close(found[3], PICTURES[3].flip(2), rtol=0, atol=5e-6)
    torch.testing.assert_close(found[4], PICTURES[4].flip(1, 2), rtol=0, atol=5e-6)


def test_colours_mix_channels_and_stay_in_the_range():
    matrix = torch.rand(5, 4, 4, generator=generator(0, "colour")) - 0.3
    found = apply(PICTURES, [Colour(matrix)])
    for b in range(5):
        for i in range(3):
            mixed = sum(matrix[b, i, j] * PICTURES[b, j] for j in range(3)) + matrix[b, i, 3]
            torch.testing.assert_close(found[b, i], mixed.clamp(0, 1), rtol=0, atol=1e-6)
    assert float(found.min()) == 0


def test_two_colours_are_one_product_and_are_cut_off_once():
    """Brighter beyond white and darker again: nothing is lost in between."""
    brighter, darker = torch.eye(4).repeat(5, 1, 1), torch.eye(4).repeat(5, 1, 1)
    brighter[:, :3, 3], darker[:, :3, 3] = 0.8, -0.8
    torch.testing.assert_close(apply(PICTURES, [Colour(brighter), Colour(darker)]), PICTURES, rtol=0, atol=1e-6)
    assert float(apply(apply(PICTURES, [Colour(brighter)]), [Colour(darker)]).max()) < 0.21


def test_geometry_then_colours_then_pixels():
    """In whatever order they stand: a shift brings in black, which the colour then makes grey, the pixels last."""
    grey = torch.eye(4).repeat(5, 1, 1)
    grey[:, :3, 3] = 0.25
    move = Affine(torch.tensor(shift(20, 0), dtype=torch.float32).expand(5, 3, 3))
    found = apply(PICTURES, [Pixel(lambda x: x * 2), Colour(grey), move])
    torch.testing.assert_close(found, torch.full_like(PICTURES, 0.5))


def test_pixel_operations_keep_their_order():
    found = apply(PICTURES, [Pixel(lambda x: x + 1), Pixel(lambda x: x * 2)])
    torch.testing.assert_close(found, (PICTURES + 1) * 2)


class Turn(Augmentation):
    """A random quarter turn."""

    name = "turn"
    card = Card(summary="Turns.", source="tests")

    def draw(self, size, rng):
        angles = torch.randint(4, (size[0],), generator=rng)
        return Affine(torch.tensor([rotation(90 * int(one)) for one in angles], dtype=torch.float32))


def test_each_augmentation_has_a_stream_of_its_own():
    """Adding one changes nothing of what another draws."""
    streams = {}

    def stream(name):
        streams[name] = generator(0, name)
        return streams[name]

    alone = Composer((Turn(),))(SQUARES, stream)
    both = Composer((Shade(), Turn()))(SQUARES, stream)
    assert set(streams) == {"shade", "turn"}
    ratio = (both / alone).nan_to_num(0)
    assert bool((ratio <= 1 + 1e-5).all())
    assert bool(((ratio.flatten(1).amax(1) - 0.5) >= 0).all())


def test_two_views_differ_and_each_is_repeatable():
    training = prepared({"augment": [Turn(), Shade()]}).trainer.training
    now, later = StepContext(training, 3, 0, stream="x"), StepContext(training, 4, 0, stream="x")
    weak, strong = now.augment(SQUARES, "weak"), now.augment(SQUARES, "strong")
    assert not torch.equal(weak, strong)
    assert torch.equal(weak, now.augment(SQUARES, "weak"))
    assert not torch.equal(weak, later.augment(SQUARES, "weak"))
    assert not torch.equal(weak, now.of("y").augment(SQUARES, "weak"))


def test_each_draw_is_the_composers_own():
    inputs = torch.rand(2, 3, 5, 7, generator=generator(0, "inputs"))
    augmentations = (Rotation(degrees=20.0), Noise(std=0.1))
    found = apply_several(inputs, augmentations, 3, 11, "look")
    assert found.shape == (2, 3, 3, 5, 7)
    for draw in range(3):
        expected = Composer(augmentations)(inputs, lambda name, draw=draw: generator(11, f"look/{name}", draw))
        assert torch.equal(found[:, draw], expected)
    assert not torch.equal(found[:, 0], found[:, 1])
