"""Units of pictures: decided once, followed later whatever type holds the numbers, and asked about where two fit."""

import warnings

import numpy as np
import pytest

from luthier.core.errors import BadInput, LuthierWarning
from luthier.data.units import (
    can_join,
    decide_units,
    describe_far,
    describe_misfit,
    match_types,
    read_further,
    read_units,
    scale_pictures,
    settle_units,
)


@pytest.mark.parametrize(
    ("numbers", "units"),
    [
        (np.array([0, 255], np.uint8), "bytes"),
        (np.array([0, 1], np.uint8), "bytes"),
        (np.array([0, 255], np.int64), "bytes"),
        (np.array([0, 255], np.uint16), "bytes"),
        (np.array([0, 256], np.uint16), "plain"),
        (np.array([-1, 255], np.int16), "plain"),
        (np.array([0.0, 1.0]), "unit"),
        (np.array([0.0, 1.0], np.float16), "unit"),
        (np.array([0.0, 1.001]), "plain"),
        (np.array([-0.001, 1.0]), "plain"),
        (np.array([0.0, 255.0]), "plain"),
        (np.array([False, True]), "unit"),
    ],
)
def test_units_are_decided_by_the_numbers_of_the_training(numbers, units):
    assert decide_units(numbers) == units


TYPES = ("u1", "i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4", "f8", ">i4", ">f8")


@pytest.mark.parametrize("kind", TYPES)
def test_bytes_are_bytes_in_every_type(kind):
    numbers = np.array([0, 7, 255])
    found = read_further(numbers.astype(kind), "bytes")
    assert found.dtype == np.uint8 and found.tolist() == [0, 7, 255]


@pytest.mark.parametrize("kind", ["i2", "u4", "f4", "f8"])
def test_one_number_beyond_white_changes_no_other(kind):
    """256 of bytes is 256 / 255: each number is what it is without the other."""
    found = read_further(np.array([51, 256]).astype(kind), "bytes")
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.array([51, 256], np.float32) / np.float32(255))


def test_bytes_that_are_not_whole_are_divided_all_the_same():
    np.testing.assert_allclose(read_further(np.array([25.5, 255.0]), "bytes"), [0.1, 1.0], rtol=1e-6)


@pytest.mark.parametrize("numbers", [[0.0, 1.0], [-1.0, 1.0], [0.5, 0.5], [0.0, 0.125]])
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_floats_of_size_one_are_no_bytes_for_sure(numbers, kind):
    with pytest.raises(
        BadInput, match=r"must hold bytes, 0 to 255, .* within .*; multiply them by 255 if 1 is white, or"
    ):
        read_further(np.array(numbers).astype(kind), "bytes")


def test_standardised_floats_are_no_bytes_and_are_told_to_a_run_of_numbers_from_zero_to_one():
    standard = np.array([-2.1, 0.0, 2.6])
    with pytest.raises(BadInput, match=r"lie within -2.1 and 2.6, as where pictures are standardised; multiply them"):
        read_further(standard, "bytes")
    with pytest.warns(
        LuthierWarning, match="X runs from -2.1 to 2.6, but the pictures of the training from 0 to 1: an"
    ):
        read_further(standard, "unit", (0.0, 1.0))
    overshot = np.array([-2.1, 0.0, 255.6])  # as interpolation leaves bytes
    np.testing.assert_allclose(read_further(overshot, "bytes", (0.0, 1.0)), overshot / 255, rtol=1e-6)


def test_booleans_are_no_bytes_for_sure():
    with pytest.raises(BadInput, match="as where 1 is white"):
        read_further(np.array([True, False]), "bytes")


@pytest.mark.parametrize("numbers", [np.zeros(3), np.zeros(3, bool), np.array([0, 1], np.int64), np.array([0.0, 2.0])])
def test_black_and_dark_pictures_are_bytes(numbers):
    assert read_further(numbers, "bytes").dtype == np.uint8


@pytest.mark.parametrize("kind", TYPES)
def test_whole_numbers_above_one_are_not_from_zero_to_one(kind):
    with pytest.raises(BadInput, match=r"from 0, black, to 1, white, .* whole numbers up to 255, .*; divide them by"):
        read_further(np.array([0, 255]).astype(kind), "unit")
    assert read_further(np.array([0, 1]).astype(kind), "unit").tolist() == [0.0, 1.0]


def test_numbers_a_little_outside_are_taken_as_they_are():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_further(np.array([-0.25, 1.25]), "unit", (0.0, 1.0)).tolist() == [-0.25, 1.25]
        assert read_further(np.array([0, 300]), "plain", (0.0, 200.0)).tolist() == [0.0, 300.0]


@pytest.mark.parametrize("stated", ["bytes", "unit"])
def test_units_that_are_given_are_followed(stated):
    numbers = np.array([0.0, 0.5])
    for known in ("bytes", "unit"):
        expected = numbers / (255 if stated == "bytes" else 1)
        np.testing.assert_allclose(read_further(numbers, known, None, stated), expected, rtol=1e-6)


def test_plain_numbers_cannot_be_brought_to_others():
    assert [can_join("plain", one) for one in ("bytes", "unit", "plain")] == [False, True, True]
    for known in ("bytes", "unit", "either"):
        assert [can_join(known, one) for one in ("bytes", "unit", "plain")] == [True, True, False]
    (line,) = describe_misfit("plain", "bytes", "pictures")
    assert line == (
        "the training saw numbers in its own units, but pictures holds bytes, 0 to 255; bring pictures to the units of "
        "the training"
    )
    with pytest.raises(BadInput, match="the training saw bytes, or numbers from 0 to 1, but X holds numbers in other"):
        read_further(np.array([0, 3000]), "bytes", None, "plain")


def test_a_run_that_stored_no_units_reads_by_type():
    assert settle_units("either", np.zeros(1, np.int64)) == "bytes" and settle_units("either", np.zeros(1)) == "unit"
    assert settle_units("plain", np.zeros(1, np.uint8)) == "plain"


@pytest.mark.parametrize(
    ("numbers", "units", "trained", "said"),
    [
        ([0, 4095], "bytes", (0.0, 1.0), "X runs from 0 to 4095, but the pictures of the training from 0 to 255"),
        ([0.0, 7.5], "unit", (0.0, 1.0), "X runs from 0 to 7.5, but the pictures of the training from 0 to 1"),
        ([0, 65535], "plain", (0.0, 4095.0), "X runs from 0 to 65535, but the pictures of the training from 0 to 4095"),
        ([0.0, 0.9], "plain", (0.0, 4095.0), "X runs from 0 to 0.9, but the pictures of the training from 0 to 4095"),
    ],
)
def test_numbers_absurdly_far_from_the_training_are_told(numbers, units, trained, said):
    with pytest.warns(LuthierWarning) as caught:
        read_further(np.array(numbers), units, trained)
    assert str(caught[0].message) == f"{said}: answers may be worth nothing; bring X to the units of the training"


@pytest.mark.parametrize("numbers", [[0, 255], [0, 0], [100, 4100]])
def test_darker_numbers_of_the_same_units_are_not_told(numbers):
    assert describe_far(np.array(numbers, np.float32), "plain", (0.0, 4095.0)) == []


def test_types_of_parts_are_brought_to_one():
    one, other = match_types([np.array([51], np.uint8), np.array([0.5], np.float32)])
    assert one.dtype == other.dtype == np.float32 and one[0] == np.float32(51) / np.float32(255)
    (same,) = match_types([np.array([51], np.uint8)])
    assert same.dtype == np.uint8


def test_no_pictures_have_no_doubt():
    assert read_further(np.zeros((0, 3, 3, 1)), "bytes", (0.0, 1.0)).shape == (0, 3, 3, 1)
    assert scale_pictures(np.zeros((0, 3)), "unit").dtype == np.float32


def test_unknown_units_are_refused():
    with pytest.raises(BadInput, match="units must be bytes, unit or plain, but got 'byte'; did you mean 'bytes'"):
        read_units("byte")
