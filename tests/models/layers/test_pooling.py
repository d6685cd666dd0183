"""Max-pooling, against the largest value of each window cut out by hand."""

import pytest
import torch

from luthier.models.layers import MaxPool


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


def test_what_does_not_fit_is_refused(refusal):
    assert "max-pool needs pictures (C, H, W), but gets shape (5, 7)" in refusal(MaxPool(), (5, 7))
    assert refusal(MaxPool(kernel=5, padding=1), (3, 9, 2)) == (
        "max-pool looks at 5x5 pixels, but gets 9x2 with padding 1; "
        "set a smaller kernel, padding of 2 or more, or a larger data.size"
    )
    assert refusal(MaxPool(kernel=3, padding=2), (3, 7, 9)) == (
        "max-pool.padding must be at most half the kernel of 3, but got 2; set 1 or less"
    )
