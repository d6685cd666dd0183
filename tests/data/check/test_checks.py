"""Each kind of finding where it is due, and nothing where it is not."""

from dataclasses import replace

import numpy as np
import pytest

from luthier.data import Dataset
from luthier.data.check import check, check_quickly, count_leaks
from luthier.data.check.report import CHECKS, QUICK


@pytest.fixture
def table(rng):
    """120 rows of 5 columns, three classes, nothing wrong."""
    return Dataset("table", rng.normal(size=(120, 5)).astype(np.float32), np.arange(120) % 3, ("a", "b", "c"))


def with_inputs(table, edit):
    inputs = table.inputs.copy()
    edit(inputs)
    return replace(table, inputs=inputs)


def parted(table, test=(), validation=()):
    masks = [np.isin(np.arange(len(table)), one) if len(one) else None for one in (test, validation)]
    return replace(table, official_test=masks[0], official_validation=masks[1])


def test_nothing_is_found_in_nothing_wrong(table):
    assert check(table).findings == () and check_quickly(table) == ()
    assert check(parted(table, range(90, 120), range(60, 90))).findings == ()


def test_each_check_stands_once_and_the_quick_ones_among_them():
    assert len(set(CHECKS)) == len(CHECKS) and set(QUICK) < set(CHECKS)


def leaky(table):
    """Validation 60..89, test 90..119: test shares two with training and one with validation."""

    def edit(x):
        x[93], x[101], x[110], x[117] = x[3], x[3], x[9], x[61]
        x[60] = x[66]

    return parted(with_inputs(table, edit), range(90, 120), range(60, 90))


def test_leaks_are_counted_by_the_later_part(table):
    assert count_leaks(leaky(table)) == {"training and test": 3, "validation and test": 1}
    found = [one for one in check(leaky(table)).findings if one.kind == "leak"]
    assert [(one.severity, one.count, one.examples) for one in found] == [
        ("stop", 3, (3, 93, 3, 101, 9, 110)),
        ("stop", 1, (61, 117)),
    ]
    assert "no test example may be a training example too, but 3 are: example 3 and example 93" in found[0].what


def test_leaks_are_found_by_keys_where_the_inputs_are_not_what_was_read(table):
    keys = np.zeros((120, 16), np.uint8)
    keys[:, 0] = np.arange(120)
    keyed = replace(leaky(table), keys=keys)
    assert count_leaks(keyed) == {}
    keys[100] = keys[20]
    assert count_leaks(replace(keyed, keys=keys.copy())) == {"training and test": 1}


def test_allowed_leaks_are_warned_of_and_two_labels_stay(table, by_kind):
    found = check_quickly(leaky(table), allow_leaks=True)
    assert {one.kind for one in found} == {"leak", "two-labels"} and {one.severity for one in found} == {"warn"}
    assert "--allow-leaks" not in found[0].line


def test_copies_within_a_part_are_a_note_and_across_parts_are_not_counted(table):
    (found,) = (one for one in check(leaky(table)).findings if one.kind == "duplicates")
    assert (found.severity, found.count, found.examples) == ("note", 2, (60, 66, 93, 101))


def test_the_same_example_under_two_classes(table, by_kind):
    def edit(x):
        x[1] = x[0]
        x[4] = x[0]
        x[8] = x[5]

    found = by_kind(check(with_inputs(table, edit)).findings)["two-labels"]
    assert (found.severity, found.count, found.examples) == ("warn", 1, (0, 1))


@pytest.mark.parametrize(
    "case",
    [
        ([0] * 6, "a", "one-class", "stop", "a (4)"),
        ([0, 1] * 3, "abc", "empty-class", "stop", "c (0)"),
        ([0, 0, 0, 0, 1, 1], "ab", "scarce-class", "stop", "b (0)"),
        ([0, 1, 0, 0, 1, 0], "ab", "scarce-class", "stop", "b (1)"),
        ([0, 1, 1, 0, 0, 0], "ac", "untested-class", "warn", "c (2)"),
    ],
)
def test_classes_that_cannot_be_learnt_or_tested(make_dataset, by_kind, case):
    labels, names, kind, severity, told = case
    dataset = make_dataset(labels, classes=tuple(names), official_test=np.arange(6) >= 4)
    for findings in (check(dataset).findings, check_quickly(dataset)):
        found = by_kind(findings)[kind]
        assert found.severity == severity and found.what.endswith(f": {told}")


def test_where_the_split_draws_the_test_part_three_examples_are_enough(make_dataset):
    assert check_quickly(make_dataset([0, 1, 0, 1, 0, 1])) == ()
    assert [one.kind for one in check_quickly(make_dataset([0, 1, 1, 1, 0, 1]))] == ["untested-class"]


@pytest.mark.parametrize(("small", "found"), [(10, False), (9, True)])
def test_imbalance_begins_at_ten_to_one(make_dataset, small, found):
    dataset = make_dataset([0] * 99 + [1] * small)
    assert [one.kind for one in check(dataset).findings] == (["imbalance"] if found else [])


def test_columns_that_say_nothing(table, by_kind):
    def edit(x):
        x[:, 1], x[:, 2] = 4.0, np.nan

    wide = with_inputs(table, edit)
    rare = replace(wide, inputs=np.tile(wide.inputs, (10, 1)), labels=np.tile(wide.labels, 10))
    rare.inputs[:, 3], rare.inputs[7, 3] = 0, 1
    found = by_kind(check(rare).findings)
    told = {kind: found[kind].what.rpartition(": ")[2] for kind in found if kind.endswith("column")}
    assert told == {"empty-column": "column 2", "constant-column": "column 1", "near-constant-column": "column 3"}
    assert found["not-finite"].count == 1200 and found["not-finite"].severity == "stop"


def test_far_values_are_found_by_row_and_column(table, by_kind):
    def edit(x):
        x[11, 3], x[77, 0] = 9999.0, -50.0

    found = by_kind(check(with_inputs(table, edit)).findings)
    assert (
        found.keys() == {"outlier"}
        and found["outlier"].examples == (11, 77)
        and "column 0, column 3" in found["outlier"].what
    )


def test_values_to_be_predicted(rng, by_kind):
    values = rng.normal(size=(50, 3)).astype(np.float32)
    values[:, 1], values[4, 0], values[9, 2] = 7, np.inf, 1e6
    dataset = Dataset("values", rng.normal(size=(50, 4)).astype(np.float32), values, ())
    found = by_kind(check(dataset).findings)
    assert found["label"].examples == (4,) and found["outlier-value"].examples == (9,)
    assert found["constant-value"].what.endswith("column 1") and check(dataset).counts == []


@pytest.mark.parametrize("bad", [-1, 3])
def test_labels_outside_the_classes(table, by_kind, bad):
    labels = table.labels.copy()
    labels[17] = bad
    for look in (check, check_quickly):
        look(replace(table, labels=labels))
    assert by_kind(check(replace(table, labels=labels)).findings)["label"].examples == (17,)


def test_class_names_that_differ_in_spelling_only(make_dataset, by_kind):
    found = by_kind(check(make_dataset([0, 1, 2] * 3, classes=("Cat", "dog", "cat "))).findings)
    assert found["class-names"].what.endswith("'Cat' and 'cat '")


def test_a_training_is_told_of_names_that_differ_in_spelling_only(make_dataset):
    (found,) = check_quickly(make_dataset([0, 0, 0, 1, 1, 1], classes=("Dog", "dog")))
    assert (found.kind, found.severity) == ("class-names", "warn")


def test_pictures_of_one_colour(rng, by_kind):
    pictures = rng.integers(0, 256, (9, 7, 11, 3), np.uint8)
    pictures[4] = (1, 2, 3)
    found = by_kind(check(Dataset("p", pictures, np.arange(9) % 2, ("a", "b"))).findings)
    assert found.keys() == {"blank"} and found["blank"].examples == (4,)


def test_near_duplicates_are_told_by_parts(rng, by_kind):
    pictures = rng.integers(0, 200, (12, 16, 16, 3), np.uint8)
    pictures[7], pictures[11] = pictures[2] + 9, pictures[3] + 9
    whole = Dataset("p", pictures, np.arange(12) % 2, ("a", "b"))
    found = by_kind(check(whole).findings)
    assert found["near-duplicates"].examples == (2, 7, 3, 11) and found["near-duplicates"].severity == "warn"
    found = by_kind(check(replace(whole, official_test=np.arange(12) >= 8)).findings)
    assert found["near-leak"].examples == (3, 11) and found["near-leak"].severity == "warn"
    assert found["near-duplicates"].examples == (2, 7) and found["near-duplicates"].severity == "note"


def test_the_end_of_a_sequence_is_no_fault_but_infinity_is(rng):
    inputs = rng.normal(size=(30, 7, 2)).astype(np.float32)
    inputs[:10, 5:] = np.nan
    inputs[3, 0, 0] = np.inf
    found = {one.kind: one for one in check(Dataset("some", inputs, np.arange(30) % 3, ("a", "b", "c"))).findings}
    assert found["not-finite"].examples == (3,)
