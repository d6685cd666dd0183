"""The columns that are no features."""

import numpy as np
import pytest

from luthier.core.errors import BadInput
from luthier.data import DataConfig
from luthier.data.tables.roles import Roles, groups, parts, roles, times


def texts(*values):
    return np.asarray(values, object)


def table(*names, **columns):
    return {**{name: texts("a", "b") for name in names}, **columns}


def refused(columns, **settings):
    with pytest.raises(BadInput) as caught:
        roles(columns, DataConfig(**settings))
    return list(caught.value.problems)


@pytest.mark.parametrize("name", ["target", "label", "class", "y", "Class", "TARGET"])
def test_the_target_by_its_usual_names(name):
    assert roles(table("a", name), DataConfig()) == Roles(name, None, None, None)


def test_columns_that_are_named_win():
    columns = table("a", "y", "price", "who", "when", "fold")
    found = roles(columns, DataConfig(target="price", group="who", time="when", part="fold"))
    assert found == Roles("price", "fold", "who", "when")
    assert list(found.features(columns)) == ["a", "y"]
    assert roles(columns, DataConfig(), "a").target == "a"
    assert roles(columns, DataConfig(target="price"), "a").target == "price"


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
    assert roles(table("y", **{name: texts("Train", "test")}), DataConfig()).part == name
    assert roles(table("y", **{name: texts("left", "test")}), DataConfig()).part is None
    assert roles(table("y", **{name: texts(None, "test")}), DataConfig()).part is None


def test_parts_by_all_their_names():
    names = ("train", "Training", "valid", "validation", "val", "dev", "test", "TESTING")
    problems = []
    valid, test = parts(texts(*names), "fold", problems)
    assert np.flatnonzero(valid).tolist() == [2, 3, 4, 5]
    assert np.flatnonzero(test).tolist() == [6, 7]
    assert problems == []


def test_other_parts_and_no_training_part_are_refused():
    problems = []
    parts(texts("train", "left", "test", None), "fold", problems)
    parts(texts("valid", "test"), "fold", problems)
    assert problems == [
        "data.part must hold train, valid or test, but 2 rows of fold do not, such as 'left' in row 1; mend them",
        "a table needs training rows, but fold says train in none; mend it",
    ]


def test_groups_and_times():
    problems = []
    assert groups(texts("b", "a", "b"), "who", problems).tolist() == [1, 0, 1]
    assert groups(np.array([7.0, 3, 7]), "who", problems).tolist() == [1, 0, 1]
    assert times(texts("1970-01-02", "1970-01-03"), "when", problems).tolist() == [1, 2]
    assert times(np.array([2.5, 1.5]), "when", problems).tolist() == [2.5, 1.5]
    assert problems == []
    groups(texts("b", None), "who", problems)
    times(texts("soon", "1", None), "when", problems)
    assert problems == [
        "data.group who must not be missing, but is in 1 rows: 1; fill it",
        "data.time when must not be missing, but is in 1 rows: 2; fill it",
        "data.time must hold numbers or dates (ISO 8601), but 1 values of when are none, such as 'soon' in row 0; "
        "mend them",
    ]
