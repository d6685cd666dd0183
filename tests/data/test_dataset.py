"""The fingerprint tells data apart and knows equal ones; groups join equal inputs."""

import dataclasses
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luthier.core.errors import BadInput
from luthier.data import Dataset, load
from luthier.data.dataset import with_weights
from luthier.testing.material import rows

N, C, H, W = 5, 3, 7, 11


@pytest.fixture
def pictures(rng):
    inputs = rng.integers(0, 256, (N, H, W, C), np.uint8)
    return Dataset("a", inputs, np.array([0, 1, 0, 1, 1]), ("no", "yes"), np.array([False, False, False, True, True]))


def changed(dataset, **fields):
    return dataclasses.replace(dataset, **fields)


def with_value(array, place, value):
    copy = array.copy()
    copy[place] = value
    return copy


def test_shapes_as_a_network_sees_them(pictures, make_dataset):
    assert (len(pictures), pictures.shape, pictures.is_picture) == (N, (C, H, W), True)
    rows = make_dataset([0, 1, 1, 0])
    assert (len(rows), rows.shape, rows.is_picture) == (4, (3,), False)


def test_equal_content_has_an_equal_fingerprint_wherever_it_lies(pictures):
    order = np.asfortranarray(pictures.inputs)
    twin = Dataset("b", order, pictures.labels.copy(), ("no", "yes"), pictures.official_test.copy())
    assert not twin.inputs.flags.c_contiguous
    assert twin.fingerprint == pictures.fingerprint


def test_the_fingerprint_is_a_sha256(pictures):
    assert len(pictures.fingerprint) == 64
    assert int(pictures.fingerprint, 16) >= 0


@pytest.mark.parametrize("place", [(0, 0, 0, 0), (2, 3, 5, 1), (4, 6, 10, 2)], ids=str)
def test_any_pixel_changes_the_fingerprint(pictures, place):
    inputs = with_value(pictures.inputs, place, pictures.inputs[place] ^ 1)
    assert changed(pictures, inputs=inputs).fingerprint != pictures.fingerprint


@pytest.mark.parametrize("row", range(N))
def test_any_label_changes_the_fingerprint(pictures, row):
    labels = with_value(pictures.labels, row, 1 - pictures.labels[row])
    assert changed(pictures, labels=labels).fingerprint != pictures.fingerprint


@pytest.mark.parametrize(
    "classes", [("no", "yes!"), ("yes", "no"), ("noyes", ""), ("n", "oyes"), ("no", "yes", "maybe")], ids=str
)
def test_any_class_name_changes_the_fingerprint(pictures, classes):
    assert changed(pictures, classes=classes).fingerprint != pictures.fingerprint


@pytest.mark.parametrize("official", [None, [False] * 5, [True, False, False, True, True]], ids=str)
def test_the_official_test_part_changes_the_fingerprint(pictures, official):
    other = None if official is None else np.array(official)
    assert changed(pictures, official_test=other).fingerprint != pictures.fingerprint


def test_shape_and_type_change_the_fingerprint(pictures):
    inputs = pictures.inputs
    turned = inputs.reshape(N, W, H, C)
    signed = inputs.view(np.int8)
    prints = {changed(pictures, inputs=one).fingerprint for one in (inputs, turned, signed, inputs.reshape(N, -1))}
    assert len(prints) == 4


def test_the_name_does_not_change_the_fingerprint(pictures):
    assert changed(pictures, name="b").fingerprint == pictures.fingerprint


def test_golden_fingerprint():
    """A change here moves the test part of every data set and orphans every recipe on disk."""
    rows = np.arange(15, dtype=np.float32).reshape(5, 3)
    dataset = Dataset("a", rows, np.array([0, 1, 0, 1, 1], np.int64), ("no", "yes"))
    assert dataset.fingerprint == "29e94475fac59d6e6f4a763a43bf93938038b4fdbf41661a0bb86ed09c66658b"
    assert load("digits").fingerprint == "1b4a07dd60ee589b9416530320d6a71f4765609ab13b03d7cab921ef866cadbf"


def test_groups_name_the_first_example_with_the_same_input(pictures):
    inputs = pictures.inputs.copy()
    inputs[3], inputs[4] = inputs[1], inputs[0]
    assert changed(pictures, inputs=inputs).groups.tolist() == [0, 1, 2, 1, 0]
    assert pictures.groups.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("place", [(3, 0, 0, 0), (3, 6, 10, 2)], ids=str)
def test_one_pixel_makes_another_group(pictures, place):
    inputs = pictures.inputs.copy()
    inputs[3] = inputs[1]
    inputs[place] ^= 1
    assert changed(pictures, inputs=inputs).groups.tolist() == [0, 1, 2, 3, 4]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30))
def test_groups_agree_with_a_plain_search(kinds):
    inputs = np.array([[kind, kind * 7, 1] for kind in kinds], np.float32)
    dataset = Dataset("a", inputs, np.zeros(len(kinds), np.int64), ("x",))
    assert dataset.groups.tolist() == [kinds.index(kind) for kind in kinds]


def test_values_are_of_one_kind_and_have_a_task():
    dataset = Dataset("a", np.zeros((5, 3), np.float32), np.arange(10, dtype=np.float32).reshape(5, 2), ())
    assert (dataset.task, dataset.outputs, dataset.strata.tolist()) == ("regression", 2, [0] * 5)
    assert changed(dataset, labels=with_value(dataset.labels, (4, 1), 0)).fingerprint != dataset.fingerprint


def test_weights_have_mean_1_and_count_in_the_fingerprint(pictures):
    once, twice = (with_weights(pictures, np.array([0, 1, 2, 3, 4]) * factor) for factor in (1, 1e300))
    assert once.weights.tolist() == [0, 0.5, 1, 1.5, 2] and once.weights.dtype == np.float32
    assert once.fingerprint == twice.fingerprint
    assert once.fingerprint not in (pictures.fingerprint, with_weights(pictures, np.ones(5)).fingerprint)
    assert pictures.weights is None


@pytest.mark.parametrize(
    ("weights", "got"),
    [
        ([1, 2], "shape (2,); pass one for each example"),
        (np.ones((5, 1)), "shape (5, 1); pass one for each example"),
        ([1, 1, -0.5, 1, 1], "-0.5 in row 2; mend it"),
        ([1, 1, 1, np.nan, 1], "nan in row 3; mend it"),
        ([1, np.inf, 1, 1, 1], "inf in row 1; mend it"),
        (["a"] * 5, "shape (1,); pass one for each example"),
    ],
)
def test_weights_of_another_form(pictures, weights, got):
    with pytest.raises(BadInput) as caught:
        with_weights(pictures, weights)
    assert str(caught.value) == f"weights must be 5 finite numbers at least 0, not all 0, but got {got}"


def test_weights_must_not_all_be_zero(pictures):
    with pytest.raises(BadInput, match="not all 0, but all are zero; pass one for each example"):
        with_weights(pictures, np.zeros(5))


def test_what_was_read_may_stand_for_what_became_of_it():
    """Pictures at two sizes are the same data; keys say which examples are equal."""
    labels, keys = np.array([0, 1, 0]), np.array([[1], [2], [1]], np.uint8)
    small, large = (
        Dataset("a", np.zeros((3, side, side, 1), np.uint8), labels, ("x", "y"), keys=keys, content="abc")
        for side in (4, 5)
    )
    assert small.fingerprint == large.fingerprint
    assert replace(small, content="abd").fingerprint != small.fingerprint
    assert replace(small, labels=np.array([1, 0, 0])).fingerprint != small.fingerprint
    assert small.groups.tolist() == [0, 1, 0]


def test_a_given_validation_part_is_part_of_the_data():
    data = Dataset("a", np.zeros((3, 2), np.float32), np.array([0, 1, 0]), ("x", "y"))
    marked = replace(data, official_validation=np.array([True, False, False]))
    assert marked.fingerprint != data.fingerprint


@pytest.mark.parametrize("weights", [[1e300, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 9e-7]])
def test_weights_that_would_vanish_beside_the_largest_are_refused(weights):
    with pytest.raises(BadInput, match=r"^weights above 0 must be at least 1e-06 of the largest, .*; lower"):
        with_weights(rows(7), weights)


def test_weights_of_any_size_are_kept():
    assert np.array_equal(with_weights(rows(7), np.full(7, 1.7e308)).weights, np.ones(7, np.float32))
