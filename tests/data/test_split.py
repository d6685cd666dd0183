"""Three parts: disjoint, stratified, duplicates together, the test part fixed by the data alone."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from luthier.core.errors import BadInput
from luthier.data import Dataset, load
from luthier.data.dataset import with_weights
from luthier.data.split import mark_test as mask_of_test
from luthier.data.split import split
from luthier.data.splitters import Stratified, draw_share
from luthier.testing.material import values

B, C, K = 5, 3, 13


@pytest.fixture(scope="module")
def digits():
    return load("digits")


def test_every_example_is_in_one_part(digits):
    parts = split(digits, 0, Stratified(validation=0.1))
    together = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(together.tolist()) == list(range(1797))
    assert all((np.diff(part) > 0).all() for part in (parts.train, parts.validation, parts.test))
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (1295, 143, 359)


def test_the_test_part_does_not_move_with_seed_or_share(digits):
    first = split(digits, 0, Stratified(validation=0.1))
    for seed, share in [(1, 0.1), (2**63 - 1, 0.1), (0, 0.5), (0, 0.0)]:
        np.testing.assert_array_equal(split(digits, seed, Stratified(validation=share)).test, first.test)


def test_golden_parts_of_the_digits(digits):
    """A change here means that no figure measured before can be compared with one measured after."""
    parts = split(digits, 0, Stratified(validation=0.1))
    assert parts.test[:13].tolist() == [4, 19, 21, 24, 27, 33, 42, 44, 47, 48, 49, 50, 52]
    assert parts.validation[:13].tolist() == [6, 20, 85, 90, 106, 112, 132, 148, 171, 181, 187, 188, 201]


def test_the_test_part_follows_the_data(digits):
    inputs = digits.inputs.copy()
    inputs[0, 0, 0, 0] ^= 1
    changed = dataclasses.replace(digits, inputs=inputs)
    assert mask_of_test(changed).tolist() != mask_of_test(digits).tolist()


def test_the_validation_part_follows_the_seed(digits):
    chosen = [split(digits, seed, Stratified(validation=0.1)).validation.tolist() for seed in (0, 1, 0)]
    assert chosen[0] == chosen[2]
    assert chosen[0] != chosen[1]


def test_each_class_gives_its_share(digits):
    parts = split(digits, 0, Stratified(validation=0.1))
    counts = np.bincount(digits.labels)
    tests = np.bincount(digits.labels[parts.test])
    assert tests.tolist() == [round(count * 0.2) for count in counts]
    rest = counts - tests
    assert np.bincount(digits.labels[parts.validation]).tolist() == [round(count * 0.1) for count in rest]


def test_an_official_test_part_is_taken_as_it_is(make_dataset):
    official = np.array([True, False] * 10)
    dataset = make_dataset([0, 0, 1, 1] * 5, official_test=official)
    parts = split(dataset, 0, Stratified(validation=0.2))
    assert parts.test.tolist() == list(range(0, 20, 2))
    assert sorted([*parts.train, *parts.validation]) == list(range(1, 20, 2))
    assert len(parts.validation) == 2


def test_no_validation_part_where_none_is_wanted(digits):
    parts = split(digits, 0, Stratified(validation=0.0))
    assert parts.validation.tolist() == []
    assert len(parts.train) + len(parts.test) == 1797


@settings(max_examples=60)
@given(st.data())
def test_duplicates_stay_together(data):
    """Whatever the data: equal inputs share a part, also with unequal labels, and every example has one."""
    kinds = data.draw(st.lists(st.integers(0, 20), min_size=30, max_size=90))
    of_kind = data.draw(st.lists(st.integers(0, 2), min_size=21, max_size=21))
    flips = data.draw(st.sets(st.integers(0, len(kinds) - 1), max_size=3))
    labels = np.array([(of_kind[kind] + (row in flips)) % 3 for row, kind in enumerate(kinds)])
    inputs = np.array([[kind, 1, 2] for kind in kinds], np.uint8)[:, None, :, None]  # pictures: rows may be by chance
    dataset = Dataset("made", inputs, labels, ("a", "b", "c"))
    seed, share = data.draw(st.integers(0, 99)), data.draw(st.sampled_from([0.1, 0.3, 0.5]))
    try:
        parts = split(dataset, seed, Stratified(validation=share))
    except BadInput:
        reject()  # a class without a training example
    homes = [{kinds[row] for row in part} for part in (parts.train, parts.validation, parts.test)]
    assert homes[0].isdisjoint(homes[1])
    assert homes[0].isdisjoint(homes[2])
    assert homes[1].isdisjoint(homes[2])
    assert sum(map(len, (parts.train, parts.validation, parts.test))) == len(kinds)


@given(st.lists(st.integers(0, 3), min_size=4, max_size=80), st.floats(0, 0.99), st.text(max_size=5), st.integers(1, 9))
def test_no_class_gives_more_than_its_share(labels, share, key, size):
    """With labels that agree within a group, the bound holds exactly, and is met by single examples."""
    labels = np.array(labels)
    groups = np.array([int(label) * 1000 + row // size for row, label in enumerate(labels)])
    chosen = draw_share(labels, groups, share, key)
    for label in set(labels.tolist()):
        room = round(int((labels == label).sum()) * share)
        taken = int(chosen[labels == label].sum())
        assert taken <= room
        if size == 1:
            assert taken == room
    for group in set(groups.tolist()):
        assert len(set(chosen[groups == group].tolist())) == 1


def test_a_draw_is_named_by_its_key():
    labels, groups = np.zeros(50, np.int64), np.arange(50)
    one, same, other = (draw_share(labels, groups, 0.3, key) for key in ("a", "a", "b"))
    assert one.sum() == 15
    assert one.tolist() == same.tolist()
    assert one.tolist() != other.tolist()


def test_a_class_that_training_would_lose_is_refused(make_dataset):
    dataset = make_dataset([0] * 20 + [1] * 2 + [2] * 2, classes=("many", "few", "rare"))
    with pytest.raises(BadInput) as caught:
        split(dataset, 0, Stratified(validation=0.9))
    assert str(caught.value) == (
        "every class needs a training example, but none is left for few, rare; add examples or lower split.validation"
    )


def test_a_class_of_duplicates_goes_to_training_whole(make_dataset):
    inputs = np.concatenate([np.arange(20.0), np.full(10, 99.0)])[:, None].astype(np.float32)
    parts = split(make_dataset([0] * 20 + [1] * 10, inputs), 0, Stratified(validation=0.2))
    assert set(range(20, 30)) <= set(parts.train.tolist())


def test_values_are_divided_by_number_and_duplicates_stay_together():
    dataset = values(103)
    twice = dataclasses.replace(dataset, inputs=np.repeat(dataset.inputs[:52], 2, 0)[:103])
    parts = split(twice, 0, Stratified(validation=0.1))
    assert (len(parts.test), len(parts.validation)) == (21, 8)
    members = [set(twice.groups[part].tolist()) for part in (parts.train, parts.validation, parts.test)]
    assert sum(map(len, members)) == len(set.union(*members)) == 52


def test_what_weighs_nothing_is_not_trained_on():
    dataset = values(103)
    plain = split(dataset, 0, Stratified(validation=0.1))
    some = with_weights(dataset, np.arange(103) % 3)
    parts = split(some, 0, Stratified(validation=0.1))
    assert (some.weights[parts.train] > 0).all() and 0 < (some.weights[parts.test] == 0).sum()
    assert len(parts.validation) == len(plain.validation) and len(parts.train) < len(plain.train)


def test_an_official_validation_part_is_taken_as_it_is(make_dataset):
    official = np.arange(20) < 4
    dataset = dataclasses.replace(make_dataset([0, 0, 1, 1] * 5), official_validation=official)
    one, other = (split(dataset, seed) for seed in (0, 1))
    for parts in (one, other):
        assert parts.validation.tolist() == [0, 1, 2, 3] and len(parts.test) == 4
        assert sorted([*parts.train, *parts.test]) == list(range(4, 20))
    assert one.test.tolist() == other.test.tolist()


def test_a_class_of_one_example_is_trained_on(make_dataset):
    parts = split(make_dataset([0] * 20 + [1] * 20 + [2]), 0, Stratified(validation=0.4))
    assert 40 in parts.train


def test_a_class_in_the_test_part_alone_is_named(make_dataset):
    dataset = make_dataset([0] * 9 + [1] * 9 + [2] * 3, official_test=np.arange(21) >= 18)
    with pytest.raises(BadInput, match="every class needs a training example, but none is left for class 2; "):
        split(dataset, 0)


def test_what_is_in_the_way_is_said_at_once(make_dataset):
    dataset = make_dataset([0] * 9 + [1] * 9 + [2] * 3, official_test=np.arange(21) >= 18)
    with pytest.raises(BadInput) as caught:
        split(dataset, 0, Stratified(examples=17))
    assert [problem.split(",")[0] for problem in caught.value.problems] == [
        "every class needs a training example",
        "split.examples must be at least the 3 classes and at most the 16 examples that are left to train on",
    ]
