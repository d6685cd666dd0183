"""Trainable subsampling: how it is declared; its arithmetic is tried in tests/models/modules/test_subsampling.py."""

import torch

from luthier.models.layers import Subsampling


def test_it_halves_the_sides():
    assert Subsampling().build((3, 7, 10))(torch.ones(2, 3, 7, 10)).shape == (2, 3, 3, 5)


def test_what_is_no_picture_of_two_pixels_is_refused(refusal):
    assert refusal(Subsampling(), (5,)).startswith("subsampling needs pictures (C, H, W)")
    assert refusal(Subsampling(), (3, 1, 9)).startswith("subsampling looks at 2x2 pixels, but gets 1x9 with padding 0")
