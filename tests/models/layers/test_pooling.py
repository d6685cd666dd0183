"""Max-pooling, against the largest value of each window cut out by hand."""

import pytest
import torch

from luthier.models.layers import AveragePool, GlobalAveragePool, MaxPool, Subsampling


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "size"),
    [(2, None, 0, (3, 5)), (3, 2, 1, (4, 6)), (3, 1, 0, (5, 9))],
)
def test_each_value_is_the_largest_of_its_window(noise, kernel, stride, padding, size):
    x = noise(2, 3, 7, 11) - 5  # below 0, so that a zero of the padding would win
    found = MaxPool(kernel=kernel, stride=stride, padding=padding).build((3, 7, 11))(x)
    assert found.shape == (2, 3, *size)
    padded = torch.nn.functional.pad(x, [padding] * 4, value=-torch.inf)
    for row in range(size[0]):
        for column in range(size[1]):
            top, left = row * (stride or kernel), column * (stride or kernel)
            window = padded[:, :, top : top + kernel, left : left + kernel]
            assert torch.equal(found[:, :, row, column], window.amax((2, 3)))


def test_what_does_not_fit_is_refused_of_pooling(refusal):
    assert "max-pool needs pictures (C, H, W), but gets shape (5, 7)" in refusal(MaxPool(), (5, 7))
    assert refusal(MaxPool(kernel=5, padding=1), (3, 9, 2)) == (
        "max-pool looks at 5x5 pixels, but gets 9x2 with padding 1; "
        "set a smaller kernel, padding of 2 or more, or a larger data.size"
    )
    assert refusal(MaxPool(kernel=3, padding=2), (3, 7, 9)) == (
        "max-pool.padding must be at most half the kernel of 3, but got 2; set 1 or less"
    )


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "size"),
    [(2, None, 0, (3, 5)), (3, 2, 1, (4, 6)), (3, 1, 0, (5, 9))],
)
def test_each_value_is_the_mean_of_its_window(noise, kernel, stride, padding, size):
    x = noise(2, 3, 7, 11)
    found = AveragePool(kernel=kernel, stride=stride, padding=padding).build((3, 7, 11))(x)
    assert found.shape == (2, 3, *size)
    padded = torch.nn.functional.pad(x, [padding] * 4)
    for row in range(size[0]):
        for column in range(size[1]):
            top, left = row * (stride or kernel), column * (stride or kernel)
            window = padded[:, :, top : top + kernel, left : left + kernel]
            torch.testing.assert_close(found[:, :, row, column], window.mean((2, 3)))


def test_what_does_not_fit_is_refused_of_average_pool(refusal):
    assert refusal(AveragePool(), (5,)) == (
        "average-pool needs pictures (C, H, W), but gets shape (5,); "
        "take it out, or put it before flatten, global-average-pool and rows"
    )
    assert refusal(AveragePool(kernel=4), (3, 3, 9)) == (
        "average-pool looks at 4x4 pixels, but gets 3x9 with padding 0; "
        "set a smaller kernel, padding of 1 or more, or a larger data.size"
    )
    assert refusal(AveragePool(kernel=3, padding=2), (3, 7, 9)) == (
        "average-pool.padding must be at most half the kernel of 3, but got 2; set 1 or less"
    )


def test_each_map_becomes_its_mean(noise):
    x = noise(2, 3, 5, 7)
    torch.testing.assert_close(GlobalAveragePool().build((3, 5, 7))(x), x.mean((2, 3)))


def test_rows_have_no_maps(refusal):
    assert refusal(GlobalAveragePool(), (5,)).startswith("global-average-pool needs pictures (C, H, W)")


def test_it_halves_the_sides():
    assert Subsampling().build((3, 7, 10))(torch.ones(2, 3, 7, 10)).shape == (2, 3, 3, 5)


def test_what_is_no_picture_of_two_pixels_is_refused(refusal):
    assert refusal(Subsampling(), (5,)).startswith("subsampling needs pictures (C, H, W)")
    assert refusal(Subsampling(), (3, 1, 9)).startswith("subsampling looks at 2x2 pixels, but gets 1x9 with padding 0")
