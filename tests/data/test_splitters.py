"""What each way of splitting promises beside what the battery asks."""

import dataclasses

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from luthier.core.errors import BadInput
from luthier.data.dataset import with_groups, with_times
from luthier.data.split import split
from luthier.data.splitters import Group, Random, Stratified, Time, assign_folds, nested_order
from luthier.testing.material import rows, values

UNEVEN = [0] * 31 + [1] * 17 + [2] * 11


@pytest.fixture
def patients():
    """59 rows of 13 patients, in no order."""
    return with_groups(rows(59), [f"patient {number * 7 % 13}" for number in range(59)])


def folds_of(dataset, way, count=5, deal=0):
    return [split(dataset, 0, way(folds=count, fold=deal * count + fold)).test for fold in range(count)]


@pytest.mark.parametrize("way", [Stratified, Random])
def test_folds_cover_everything_once(way):
    dataset = rows(53)
    found = folds_of(dataset, way)
    assert sorted(np.concatenate(found).tolist()) == list(range(53))
    assert sorted(map(len, found)) == [10, 10, 11, 11, 11]


def test_stratified_folds_are_as_even_as_scikit_learns(make_dataset):
    dataset = make_dataset(UNEVEN)
    ours = [np.bincount(dataset.labels[one]).tolist() for one in folds_of(dataset, Stratified)]
    theirs = StratifiedKFold(5).split(dataset.inputs, dataset.labels)
    counts = [np.bincount(dataset.labels[test]).tolist() for _, test in theirs]
    for kind in range(3):
        assert sorted(one[kind] for one in ours) == sorted(one[kind] for one in counts)
    assert max(map(sum, ours)) - min(map(sum, ours)) <= 1


def test_a_second_deal_is_another(make_dataset):
    dataset = make_dataset(UNEVEN)
    first, second = (folds_of(dataset, Stratified, deal=deal) for deal in (0, 1))
    assert sorted(np.concatenate(second).tolist()) == list(range(59))
    assert [one.tolist() for one in first] != [one.tolist() for one in second]


def test_a_fold_does_not_move_with_the_seed():
    one, other = (split(rows(53), seed, Stratified(folds=3, fold=1)) for seed in (0, 1))
    assert one.test.tolist() == other.test.tolist() and one.validation.tolist() != other.validation.tolist()


def test_folds_leave_official_parts_alone(make_dataset):
    dataset = make_dataset([0, 1] * 20, official_test=np.arange(40) < 8)
    dataset = dataclasses.replace(dataset, official_validation=(np.arange(40) >= 8) & (np.arange(40) < 14))
    parts = [split(dataset, 0, Stratified(folds=3, fold=fold)) for fold in range(3)]
    assert sorted(np.concatenate([one.test for one in parts]).tolist()) == list(range(14, 40))
    for one in parts:
        assert one.validation.tolist() == list(range(8, 14))
        assert sorted([*one.train, *one.test]) == list(range(14, 40))


def test_folds_beyond_a_class_are_refused_with_all_such_classes(make_dataset):
    dataset = make_dataset([0] * 9 + [1] * 3 + [2], classes=("many", "few", "one"))
    with pytest.raises(BadInput) as caught:
        split(dataset, 0, Stratified(folds=4, fold=0))
    assert str(caught.value) == (
        "every class needs 4 examples or more that may part, one for each fold, but few has 3, one has 1; "
        "ask for fewer folds, add examples or set split.name = 'random'"
    )


def test_duplicates_of_a_class_count_once_for_folds(make_dataset):
    inputs = np.array([[k, 0] for k in [*range(9), 9, 9, 9, 10]], np.float32)
    with pytest.raises(BadInput, match="class 1 has 2"):
        split(make_dataset([0] * 9 + [1] * 4, inputs), 0, Stratified(folds=3, fold=0))


@pytest.mark.parametrize("way", [Random, Group])
def test_folds_beyond_the_groups_are_refused(way, patients):
    with pytest.raises(BadInput) as caught:
        split(patients, 0, way(folds=14, fold=0))
    assert str(caught.value) == (
        "folds must be at most as many as there are groups of examples to deal, 13, but got 14; "
        "ask for fewer folds or add examples"
    )


def test_large_groups_are_dealt_first():
    """Three groups of 7 and fourteen single examples fill seven folds of 5 at best, so no fold gets two large ones."""
    groups = np.array([0] * 7 + [1] * 7 + [2] * 7 + list(range(3, 17)))
    folds = assign_folds(np.zeros(35, np.int64), groups, 7, "a")
    assert sorted(np.bincount(folds).tolist()) == [3, 3, 4, 4, 7, 7, 7]


@pytest.mark.parametrize("way", [Stratified, Random, Group])
def test_groups_stay_together(way, patients):
    parts = split(patients, 0, way(validation=0.2))
    homes = [set(patients.group[part].tolist()) for part in (parts.train, parts.validation, parts.test)]
    assert all(homes) and sum(map(len, homes)) == 13 == len(set.union(*homes))


def test_group_holds_out_a_share_of_the_groups(patients):
    sizes = [len(set(patients.group[split(patients, 0, Group(validation=v)).validation])) for v in (0, 0.01, 0.3)]
    assert sizes == [0, 1, 3] and len(set(patients.group[split(patients, 0, Group()).test])) == 3


def test_groups_of_several_classes_leave_every_class_its_share():
    """Groups of six, two of each class: each part has all classes alike."""
    dataset = with_groups(rows(90), np.arange(90) // 6)
    parts = split(dataset, 0, Stratified(validation=0.25))
    assert [np.bincount(dataset.labels[part]).tolist() for part in (parts.test, parts.validation)] == [[6] * 3, [6] * 3]


def test_group_needs_groups():
    with pytest.raises(BadInput) as caught:
        split(rows(53), 0, Group())
    assert str(caught.value) == (
        "split.name = 'group' needs the group of each example, but rows has none; "
        "pass groups= from Python, name the column of a table with data.group, or set split.name = 'stratified'"
    )


def test_one_group_leaves_nothing_to_train_on():
    with pytest.raises(BadInput) as caught:
        split(with_groups(rows(53), ["all"] * 53), 0, Group())
    assert str(caught.value) == (
        "a training needs examples, but none of the 53 of rows are left for it; add examples that differ, "
        "or lower split.validation"
    )


def test_random_takes_its_share_of_all():
    parts = split(values(103), 0, Random(validation=0.3))
    assert (len(parts.test), len(parts.validation)) == (21, 25)


def test_time_puts_the_latest_last():
    when = np.arange(60) * 37 % 61
    dataset = with_times(rows(60), when)
    parts = split(dataset, 0, Time(validation=0.25))
    assert (len(parts.test), len(parts.validation), len(parts.train)) == (12, 12, 36)
    assert (
        when[parts.train].max() < when[parts.validation].min() <= when[parts.validation].max() < when[parts.test].min()
    )
    assert split(dataset, 9, Time(validation=0.25)).validation.tolist() == parts.validation.tolist()


def test_equal_times_stay_together_on_the_later_side():
    parts = split(with_times(rows(60), np.arange(60) // 20), 0, Time(validation=0.0))
    assert parts.test.tolist() == list(range(40, 60))


def test_a_group_is_as_late_as_its_latest_example():
    dataset = with_groups(with_times(rows(60), np.arange(60)), [0, *range(1, 59), 0])
    parts = split(dataset, 0, Time(validation=0.0))
    assert parts.test.tolist() == [0, *range(49, 60)]


def test_time_says_all_that_is_missing():
    with pytest.raises(BadInput) as caught:
        split(rows(53), 0, Time(folds=3, fold=0))
    assert [problem.split(",")[0] for problem in caught.value.problems] == [
        "split.name = 'time' needs the time of each example",
        "split.name = 'time' must leave out what comes last",
    ]


def test_smaller_trainings_are_part_of_larger_ones_and_keep_the_classes(make_dataset):
    kinds = np.array(UNEVEN)
    order = nested_order(kinds, "a")
    assert sorted(order.tolist()) == list(range(59))
    assert sorted(kinds[order[:3]].tolist()) == [0, 1, 2]
    counts = np.bincount(kinds[order[:30]])
    assert abs(counts - np.bincount(kinds) * 30 / 59).max() <= 1
    dataset = make_dataset(UNEVEN)
    few, more, whole = (set(split(dataset, 0, Stratified(examples=n)).train.tolist()) for n in (5, 20, None))
    assert len(few) == 5 and few < more < whole
    assert few != set(split(dataset, 1, Stratified(examples=5)).train.tolist())


@pytest.mark.parametrize("examples", [2, 45])
def test_a_smaller_training_must_be_one(make_dataset, examples):
    with pytest.raises(BadInput) as caught:
        split(make_dataset(UNEVEN), 0, Stratified(examples=examples))
    assert str(caught.value) == (
        "split.examples must be at least the 3 classes and at most the 44 examples that are left to train on, "
        f"but got {examples}; choose a number between"
    )
