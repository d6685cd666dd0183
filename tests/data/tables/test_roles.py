"""The columns that are no features."""

import numpy as np
import pytest

from luthier.core.errors import BadInput
from luthier.data import DataConfig
from luthier.data.tables.roles import Roles, find_roles, list_alike, read_groups, read_parts, read_target, read_times
from luthier.data.targets import MANY


def texts(*values):
    return np.asarray(values, object)


def table(*names, **columns):
    return {**{name: texts("a", "b") for name in names}, **columns}


def refused(columns, **settings):
    with pytest.raises(BadInput) as caught:
        find_roles(columns, DataConfig(**settings))
    return list(caught.value.problems)


@pytest.mark.parametrize("name", ["target", "label", "class", "y", "Class", "TARGET"])
def test_the_target_by_its_usual_names(name):
    assert find_roles(table("a", name), DataConfig()) == Roles(name, None, None, None)


def test_columns_that_are_named_win():
    columns = table("a", "y", "price", "who", "when", "fold")
    found = find_roles(columns, DataConfig(target="price", group="who", time="when", part="fold"))
    assert found == Roles("price", "fold", "who", "when")
    assert list(found.features(columns)) == ["a", "y"]
    assert find_roles(columns, DataConfig(), "a").target == "a"
    assert find_roles(columns, DataConfig(target="price"), "a").target == "price"


def test_no_target_and_two_targets_are_refused():
    rule = "a table's target is the column named target, label, class or y, but "
    remedy = "; name it with --set data.target=COLUMN"
    assert refused(table("a", "b")) == [f"{rule}none of a, b is{remedy}"]
    assert refused(table("y", "b", "label")) == [f"{rule}y, label all could be{remedy}"]


def test_names_that_are_not_there_are_all_told():
    assert refused(table("price", "who", "y"), target="prise", group="whom", time="y", part="y") == [
        "data.target must name a column of the table, but got 'prise'; did you mean 'price'? known: price, who, y",
        "data.group must name a column of the table, but got 'whom'; did you mean 'who'? known: price, who, y",
        "a column has one role, but y is given two of target, part, group and time; take one of them out",
    ]


@pytest.mark.parametrize("name", ["part", "split", "Split"])
def test_a_column_of_parts_is_found_where_it_holds_nothing_else(name):
    assert find_roles(table("y", **{name: texts("Train", "test")}), DataConfig()).part == name
    assert find_roles(table("y", **{name: texts("left", "test")}), DataConfig()).part is None
    assert find_roles(table("y", **{name: texts(None, "test")}), DataConfig()).part is None


def test_parts_by_all_their_names():
    names = ("train", "Training", "valid", "validation", "val", "dev", "test", "TESTING")
    problems = []
    valid, test = read_parts(texts(*names), "fold", problems)
    assert np.flatnonzero(valid).tolist() == [2, 3, 4, 5]
    assert np.flatnonzero(test).tolist() == [6, 7]
    assert problems == []


def test_other_parts_and_no_training_part_are_refused():
    problems = []
    read_parts(texts("train", "left", "test", None), "fold", problems)
    read_parts(texts("valid", "test"), "fold", problems)
    assert problems == [
        "data.part must hold train, valid or test, but 2 rows of fold do not, such as 'left' in row 1; mend them",
        "a table needs training rows, but fold says train in none; mend it",
    ]


def test_groups_and_times():
    problems = []
    assert read_groups(texts("b", "a", "b"), "who", problems).tolist() == [1, 0, 1]
    assert read_groups(np.array([7.0, 3, 7]), "who", problems).tolist() == [1, 0, 1]
    assert read_times(texts("1970-01-02", "1970-01-03"), "when", "auto", problems).tolist() == [1, 2]
    assert read_times(np.array([2.5, 1.5]), "when", "auto", problems).tolist() == [2.5, 1.5]
    assert read_times(texts("2/1/1970", "13/1/1970"), "when", "auto", problems).tolist() == [1, 12]
    assert read_times(texts("2/1/1970", "1/3/1970"), "when", "month-first", problems).tolist() == [31, 2]
    assert problems == []
    read_groups(texts("b", None), "who", problems)
    read_times(texts("soon", "1", None), "when", "auto", problems)
    assert problems == [
        "data.group who must not be missing, but is in 1 rows: 1; fill it",
        "data.time when must not be missing, but is in 1 rows: 2; fill it",
        "data.time must hold numbers or dates (ISO 8601, or all in one order), but 1 values of when are none, such as "
        "'soon' in row 0; mend them",
    ]


def read(values, task="auto"):
    problems = []
    array = np.asarray(values, object if any(isinstance(one, str) or one is None for one in values) else float)
    labels, classes = read_target(array, "price", task, problems)
    return labels.tolist(), classes, problems


@pytest.mark.parametrize(
    ("values", "labels", "classes"),
    [
        (["b", "a", "b"], [1, 0, 1], ("a", "b")),
        (["10", "9", "10"], [1, 0, 1], ("9", "10")),
        ([-1.0, 1.0, -1.0], [0, 1, 0], ("-1", "1")),
        (["1.0", "2", "1"], [1, 2, 0], ("1", "1.0", "2")),
        (["10", "1E1", "2E5", "9"], [1, 2, 3, 0], ("9", "10", "1E1", "2E5")),
        (["007", "7", "08"], [0, 1, 2], ("007", "7", "08")),
        (["1_0", "10", "2_0"], [1, 0, 2], ("10", "1_0", "2_0")),
        (["100000000000000002", "100000000000000001"], [1, 0], ("100000000000000001", "100000000000000002")),
        (["True", "False", "TRUE"], [2, 0, 1], ("False", "TRUE", "True")),
        ([1e16, 3.0, 1.0], [2, 1, 0], ("1", "3", "1e+16")),
        (["1", "b", "c"], [0, 1, 2], ("1", "b", "c")),
    ],
)
def test_classes(values, labels, classes):
    assert read(values) == (labels, classes, [])


def test_numbers_that_are_not_whole_are_values_unless_they_are_called_classes():
    assert read(["1.5", "2"]) == ([[1.5], [2]], (), [])
    assert read([1.0, 2.0], "regression") == ([[1], [2]], (), [])
    assert read([1.5, 2.0], "classification") == ([0, 1], ("1.5", "2"), [])


def test_many_whole_numbers_could_be_either():
    assert read(list(range(MANY)))[2] == []
    values = [float(k) for k in range(MANY + 1)]
    assert read(values)[2] == [
        f"the target price must hold classes or values, but its {MANY + 1} different whole numbers could be either; "
        "say --set data.task=regression or --set data.task=classification"
    ]
    assert read(values, "classification")[1][-1] == str(MANY)
    assert read(values, "regression")[2] == []


@pytest.mark.parametrize("odd", [1.5, -0.25])
def test_a_number_that_is_not_whole_among_many_could_be_a_slip(odd):
    values = [0.0, 1.0, 2.0] * 13 + [odd]
    assert read(values)[2] == [
        "the target price must hold classes or values, but 1 of its numbers are not whole among many that are, such "
        f"as {odd} in row 39; mend them, or say --set data.task=regression"
    ]
    assert read(values, "regression")[2] == []
    assert read([*values, 0.5, 0.5, 0.5, 0.5])[1:] == ((), [])


def test_classes_are_finite():
    assert read([0.0, 1.0, np.inf, 1.0, -np.inf])[2] == [
        "the target price must be finite, but 2 rows are not: inf in row 2, -inf in row 4; mend them"
    ]


def test_what_is_missing_or_no_number_is_refused_with_its_rows():
    assert read(["a", None, "b", None])[2] == [
        "the target price must not be missing, but is in 2 rows: 1, 3; drop or fill them"
    ]
    assert read(["1.5", "x", "inf", *["2"] * 20], "regression")[2] == [
        "values must be finite numbers, but 2 of price are not: 'x' in row 1, 'inf' in row 2; drop such rows"
    ]


def test_values_beside_a_large_offset_are_kept():
    problems = []
    values = np.array([1e8 + 0.25, 1e8 + 0.5, 1e8])
    labels, _ = read_target(values, "price", "regression", problems)
    assert labels.dtype == np.float64 and labels[:, 0].tolist() == values.tolist() and not problems
    assert read_target(np.array([0.25, 2]), "price", "regression", problems)[0].dtype == np.float32


def test_marks_units_and_dates_of_a_target():
    assert read(["1", "2", "?", "1"])[2] == [
        "the target price must not be missing, but '?' in row 2 stand for a missing number; drop or fill them, or "
        "give a class another name"
    ]
    assert read(["10 mg", "2 mg", "10 mg"]) == ([1, 0, 1], ("2 mg", "10 mg"), [])
    assert read(["1.5%", "2.5%", "3.25%"]) == ([[1.5], [2.5], [3.25]], (), [])
    assert read(["yes", "?", "no"])[1] == ("?", "no", "yes")
    assert "must tell the day from the month" in read(["1/2/2020", "3/4/2020"], "regression")[2][0]


def test_units_make_no_two_classes_one_number():
    assert list_alike(["5 kg", "5 g", "5%", "?", "-"], "y") == []
