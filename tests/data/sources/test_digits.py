"""The bundled digits."""

import numpy as np
from sklearn.datasets import load_digits

from luthier.data import load


def test_digits_are_scikit_learns_with_their_grey_levels_spread():
    dataset, bunch = load("digits"), load_digits()
    assert dataset.name == "digits"
    assert dataset.inputs.shape == (1797, 8, 8, 1)
    assert dataset.inputs.dtype == np.uint8
    assert dataset.classes == tuple("0123456789")
    assert dataset.official_test is None
    np.testing.assert_array_equal(dataset.labels, bunch.target)
    assert dataset.labels.dtype == np.int64
    levels = {int(level): round(level * 255 / 16) for level in np.unique(bunch.images)}
    assert (levels[0], levels[16]) == (0, 255)
    expected = [[levels[int(pixel)] for pixel in row] for row in bunch.images[13]]
    np.testing.assert_array_equal(dataset.inputs[13, ..., 0], expected)


def test_a_data_set_is_passed_through():
    dataset = load("digits")
    assert load(dataset) is dataset
