"""Extra examples join the training part alone."""

import dataclasses
import warnings

import numpy as np
import pytest

from luthier.core.errors import BadInput, LuthierWarning
from luthier.data import DataConfig, Dataset, load
from luthier.data.dataset import with_groups, with_weights
from luthier.data.extra import append_extra
from luthier.data.split import split
from luthier.data.splitters import SPLITTERS, Stratified, Time
from luthier.testing.material import pictures, rows, values
from luthier.testing.splitter import with_structure


def others(count=11, classes=("2", "0")):
    """Rows of two of the classes, in another order."""
    rng = np.random.default_rng(7)
    return Dataset("others", rng.random((count, 7), np.float32), np.arange(count) % 2, classes)


@pytest.mark.parametrize("way", SPLITTERS.members.values(), ids=lambda way: way.name)
@pytest.mark.parametrize("fold", [None, 1])
def test_held_out_parts_stay_as_they_were(way, fold):
    if fold is not None and way is Time:
        return
    data, how = with_structure(rows(131)), way(folds=None if fold is None else 3, fold=fold)
    alone, more = split(data, 5, how), split(append_extra(data, others()), 5, how)
    assert more.test.tolist() == alone.test.tolist() and more.validation.tolist() == alone.validation.tolist()
    assert more.train.tolist() == [*alone.train.tolist(), *range(131, 142)]


def test_classes_are_known_by_name():
    found = append_extra(rows(53), others())
    assert found.labels[53:].tolist() == [2, 0] * 5 + [2] and found.classes == ("0", "1", "2")


def test_what_equals_a_held_out_example_is_left_out_with_a_line():
    data = rows(53)
    parts = split(data, 0)
    copies = np.concatenate((parts.test[:2], parts.validation[:1], parts.train[:4]))
    extra = dataclasses.replace(data, inputs=data.inputs[copies], labels=data.labels[copies])
    with pytest.warns(LuthierWarning) as caught:
        found = split(append_extra(data, extra), 0)
    assert str(caught[0].message) == (
        "3 of the 7 extra examples equal one of the validation or test part and are left out of the training"
    )
    assert found.train.tolist() == [*parts.train.tolist(), 56, 57, 58, 59]


def test_an_official_test_part_is_kept_clear_of_extra_examples_in_folds_too():
    data = dataclasses.replace(rows(53), official_test=np.arange(53) < 10)
    extra = dataclasses.replace(rows(53), inputs=rows(53).inputs[:1], labels=rows(53).labels[:1])
    with pytest.warns(LuthierWarning, match="1 of the 1 extra"):
        parts = split(append_extra(data, extra), 0, Stratified(folds=3, fold=0))
    assert 53 not in parts.train


def test_the_fingerprint_sees_the_extra_examples_and_the_draw_does_not():
    data = rows(53)
    one, other = append_extra(data, others()), append_extra(data, others(13))
    assert len({data.fingerprint, one.fingerprint, other.fingerprint}) == 3
    assert data.drawn_by == one.drawn_by == other.drawn_by == data.fingerprint


def test_columns_are_filled():
    data = with_groups(with_weights(rows(53), np.arange(53) + 1.0), np.arange(53) // 2)
    found = append_extra(data, others())
    assert found.weights[53:].tolist() == [1.0] * 11 and len(set(found.group[53:]) - set(found.group[:53])) == 11
    assert append_extra(rows(53), with_weights(others(), [2] * 10 + [0])).weights[-1] == 0


def test_an_official_test_part_of_the_extra_data_is_left_out():
    extra = dataclasses.replace(others(), official_test=np.arange(11) < 4)
    assert len(append_extra(rows(53), extra)) == 60


def test_groups_of_the_extra_data_are_new_ones_which_is_told():
    with pytest.warns(LuthierWarning, match="the groups of others are taken for others than those of rows, whatever"):
        found = append_extra(with_groups(rows(53), np.arange(53) % 5), with_groups(others(), np.arange(11) % 5))
    assert not set(found.group[:53]) & set(found.group[53:])


@pytest.mark.parametrize(("one", "other"), [(4, 6), (6, 4)])
def test_sequences_may_be_longer_or_shorter_than_those_of_the_data(one, other):
    data, more = (
        load(([np.ones((steps, 3))] * 3 + [np.ones((2, 3))], [0, 1, 1, 0]), data_config=DataConfig(form="sequences"))
        for steps in (one, other)
    )
    found = append_extra(data, more).inputs
    assert found.shape == (8, 6, 3)
    assert (~np.isnan(found[..., 0])).sum(1).tolist() == [one] * 3 + [2] + [other] * 3 + [2]


def test_everything_that_does_not_fit_is_said_at_once():
    extra = dataclasses.replace(pictures(13), classes=("0", "4", "3"))
    with pytest.raises(BadInput) as caught:
        append_extra(append_extra(rows(53), others()), extra)
    assert list(caught.value.problems) == [
        "extra examples must be of the form of the data, rows (7,) float32, but pictures holds pictures "
        "(1, 12, 12) uint8; bring them to that form",
        "extra examples must be of the data's classes, but 3, 4 are not; the data have 0, 1, 2",
        "extra examples can be added once, but rows has some already; join them first",
    ]
    with pytest.raises(BadInput) as caught:
        append_extra(values(53), others())
    assert str(caught.value) == (
        "extra examples must be for the task of the data, regression of 1 values, but others is for classification; "
        "take others"
    )


@pytest.mark.parametrize("kind", ["i8", "u2", "f4"])
def test_pictures_of_another_type_join_in_the_units_of_the_data(kind):
    data, more = pictures(23), pictures(29)
    found = load(data, extra=(more.inputs[23:].astype(kind), list(map(str, more.labels[23:]))))
    assert found.inputs.dtype == np.uint8 and found.units == "bytes"
    assert np.array_equal(found.inputs[23:], more.inputs[23:])


def test_pictures_far_from_those_of_the_data_are_told():
    data, more = pictures(23), pictures(29)
    bright = more.inputs[23:].astype(int) * 16
    with pytest.warns(
        LuthierWarning, match="the extra set arrays runs from .* to .*, but the pictures of the training"
    ):
        load(data, extra=(bright, list(map(str, more.labels[23:]))))
    with pytest.warns(
        LuthierWarning, match="the unlabelled set unlabelled runs from .* to .*, but the pictures of the"
    ):
        load(data, unlabelled=bright)


def test_bytes_and_numbers_from_zero_to_one_join():
    data, more = pictures(23), pictures(29)
    unit = dataclasses.replace(data, inputs=data.inputs / np.float32(255))
    found = append_extra(unit, more)
    assert found.units == "unit"
    np.testing.assert_array_equal(found.inputs[23:], more.inputs / np.float32(255))
    with pytest.raises(BadInput, match="the training saw bytes, or numbers from 0 to 1, but pictures holds numbers in"):
        append_extra(unit, dataclasses.replace(more, inputs=more.inputs.astype(np.float32) * 16))


def test_load_joins():
    data, extra = rows(53), rows(6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = load((data.inputs, data.labels), extra=(extra.inputs, extra.labels))
    assert len(found) == 59 and found.extra.sum() == 6
