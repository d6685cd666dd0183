"""The fingerprint tells data apart and knows equal ones; groups join equal inputs."""

import dataclasses
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luthier.core.errors import BadInput
from luthier.data import Dataset, load
from luthier.data.dataset import with_groups, with_times, with_weights
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


def test_groups_may_be_texts_or_numbers():
    for groups in (["b", "a", "b", "c", "a"], [7, -2, 7, 9, -2], np.array(["b", "a", "b", "c", "a"], object)):
        group = with_groups(rows(5), groups).group
        assert group.dtype == np.int64 and len(set(group.tolist())) == 3
        assert group[0] == group[2] != group[1] == group[4]


def test_what_is_linked_step_by_step_belongs_together():
    """0 equals 4, 4 is in a group with 2, 2 equals 6; 1 and 3 are a group; 5 is alone."""
    dataset = rows(7)
    inputs = dataset.inputs.copy()
    inputs[4], inputs[6] = inputs[0], inputs[2]
    dataset = with_groups(dataclasses.replace(dataset, inputs=inputs), [0, 1, 2, 1, 2, 5, 6])
    assert dataset.duplicates.tolist() == [0, 1, 2, 3, 0, 5, 2]
    assert dataset.groups.tolist() == [0, 1, 0, 1, 0, 5, 0]


def test_times_are_numbers_or_dates():
    assert with_times(rows(3), [2, 1.5, -7]).time.tolist() == [2.0, 1.5, -7.0]
    days = with_times(rows(3), np.array(["2024-02-01", "2024-01-31", "2023-12-31"], "datetime64[D]")).time
    assert days.argsort().tolist() == [2, 1, 0] and days[0] - days[1] == 86_400e6


REFUSED = [
    (
        with_groups,
        [1, 2],
        "groups must be 3 values, one for each example, but got shape (2,); pass a list as long as X",
    ),
    (with_groups, [0.5, 1, 2], "groups must be whole numbers or texts, but got float64; name each group"),
    (with_times, [1, np.nan, 2], "times must be finite, but got nan in row 1; mend or drop such rows"),
    (with_times, np.array(["2024-01-01", "NaT", "NaT"], "datetime64[D]"), "times must be finite, but got NaT in row 1"),
    (with_times, ["a", "b", "c"], "times must be numbers or dates, but got <U1; pass for example np.datetime64"),
    (with_times, [[1, 2, 3]], "times must be 3 values, one for each example, but got shape (1, 3)"),
]


@pytest.mark.parametrize(("tell", "given", "problem"), REFUSED)
def test_what_is_neither_is_refused(tell, given, problem):
    with pytest.raises(BadInput, match=re.escape(problem)):
        tell(rows(3), given)


def test_the_fingerprint_knows_each_column_by_its_name():
    dataset, mask = rows(5), np.array([True, False, False, True, False])
    made = [
        dataset,
        with_groups(dataset, [0, 0, 1, 1, 2]),
        with_times(dataset, [0, 0, 1, 1, 2]),
        dataclasses.replace(dataset, official_test=mask),
        dataclasses.replace(dataset, official_validation=mask),
    ]
    assert len({one.fingerprint for one in made}) == 5


def test_groups_and_times_come_with_arrays_and_files(tmp_path):
    data = rows(6)
    X, y, groups, times = data.inputs, data.labels, ["a", "b", "a", "b", "c", "c"], [6, 5, 4, 3, 2, 1]
    np.savez(tmp_path / "data.npz", X=X, y=y, groups=groups, times=times)
    for one in (load((X, y), groups=groups, times=times), load(tmp_path / "data.npz")):
        assert one.group.tolist() == [0, 1, 0, 1, 2, 2] and one.time.tolist() == times
