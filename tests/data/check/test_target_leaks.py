"""A column that gives the target away is named, and an honest one is not, however good."""

from dataclasses import replace

import numpy as np
import pytest

import luthier
from luthier.core.errors import LuthierWarning
from luthier.data import Dataset, load
from luthier.data.check import check_quickly
from luthier.data.check.target_leaks import find_target_leaks, measure_columns
from sklearn import datasets


def classes(columns, labels, **more):
    labels = np.asarray(labels)
    names = tuple("abcdefgh"[: labels.max() + 1])
    return Dataset("some", np.column_stack(columns).astype(np.float32), labels, names, **more)


def named(dataset):
    return [one.what.rpartition(": ")[2] for one in find_target_leaks(dataset)]


def test_the_target_under_other_names_is_found(rng):
    y = rng.integers(0, 3, 300)
    data = classes([rng.normal(size=300), np.array([7, 2, 5])[y], rng.normal(size=300)], y)
    assert named(data) == ["column 1 (100.0%)"]
    (found,) = check_quickly(data)
    assert (found.kind, found.severity) == ("target-leak", "warn")


def test_a_threshold_in_numbers_gives_the_class_away_also_where_one_row_in_200_errs(rng):
    x = rng.normal(size=2000)
    y = (x > 0.3).astype(int)
    wrong = rng.permutation(2000)[:10]
    y[wrong] = 1 - y[wrong]
    assert len(named(classes([x, rng.normal(size=2000)], y))) == 1
    y[rng.permutation(2000)[:60]] ^= 1
    assert named(classes([x, x], y)) == []


def test_a_code_of_many_values_gives_the_class_away_whatever_its_order(rng):
    """Neighbours in the order of numbers say nothing: the class is a coin for each code."""
    code = np.arange(1200) % 200
    family = rng.integers(0, 2, 200)[code]
    columns = [code, rng.normal(size=1200)]
    assert named(classes(columns, family)) == ["column 0 (100.0%)"]
    assert named(classes(columns, rng.permutation(family))) == []


def test_what_a_column_says_of_half_of_the_rows_is_not_all(rng):
    """No cells, no illness: that says nothing of those who have cells."""
    cells = np.where(rng.random(1000) < 0.55, 0, rng.random(1000))
    y = np.where(cells == 0, 0, rng.integers(0, 2, 1000))
    assert named(classes([cells, rng.normal(size=1000)], y)) == []
    assert measure_columns(cells[:, None], y)[0] < 0.7


@pytest.mark.parametrize("column", ["flag", "amount", "noise"])
def test_a_rare_class_is_looked_at_in_as_many_rows_as_show_it(rng, column):
    """Fraud: 25 rows of 30,000, of which 4,096 drawn by chance hold 3 or 4."""
    y = (rng.permutation(30_000) < 25).astype(int)
    amount = rng.random(30_000)
    told = {"flag": y, "amount": np.where(y, amount, 0), "noise": amount}[column]
    assert len(named(classes([told, rng.normal(size=30_000)], y))) == (column != "noise")


def test_a_curve_through_points_is_no_fault_and_the_same_beside_another_column_is(rng):
    x = rng.uniform(0, 6, 500)
    y = np.sin(x)[:, None].astype(np.float32)
    alone = Dataset("curve", x[:, None].astype(np.float32), y, ())
    assert named(alone) == []
    beside = np.column_stack([x, rng.normal(size=500)]).astype(np.float32)
    assert len(named(replace(alone, inputs=beside))) == 1


def test_what_is_missing_may_give_it_away(rng):
    """The day of a death is there for the dead alone."""
    y = rng.integers(0, 2, 200)
    columns = [np.where(y == 1, rng.normal(size=200), np.nan), rng.normal(size=200)]
    assert len(named(classes(columns, y))) == 1


def test_a_value_in_other_units_is_found_and_a_good_predictor_is_not(rng):
    y = rng.lognormal(size=400)
    columns = [1.8 * y + 32, y * np.exp(0.3 * rng.normal(size=400)), rng.normal(size=400)]
    data = Dataset("some", np.column_stack(columns).astype(np.float32), y[:, None].astype(np.float32), ())
    assert [one.split(" (")[0] for one in named(data)] == ["column 0"]


def test_a_rare_class_is_no_proof(rng):
    """Where 98% are of one class a column of noise answers 98% rightly; and a few rows are in order by chance."""
    y = (np.arange(1000) < 20).astype(int)
    assert measure_columns(rng.normal(size=(1000, 1)), y).max() < 0.9
    assert measure_columns(np.arange(12.0)[:, None], np.arange(12) // 6).max() == 0


def test_rows_in_order_of_their_class_copies_and_groups_do_not_mislead(rng):
    y = np.repeat([0, 1, 2], 100)
    assert named(classes(rng.integers(0, 9, (2, 300)), y)) == [], "ties are not in the order of the file"
    x, label = rng.normal(size=(100, 3)), rng.integers(0, 2, 100)
    assert named(classes([np.repeat(x, 4, axis=0)], np.repeat(label, 4))) == []
    data = classes(
        [np.repeat(x[:, 0], 4), rng.normal(size=400)], np.repeat(label, 4), group=np.repeat(np.arange(100), 4)
    )
    assert named(data) == []


def test_the_test_part_is_not_looked_at(rng):
    y = rng.integers(0, 2, 300)
    data = classes([y, rng.normal(size=300)], y)
    assert named(data) and named(replace(data, official_test=np.arange(300) >= 10)) == []


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits", "diabetes"])
def test_nothing_is_found_in_published_tables(name):
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    order = np.random.default_rng(3).permutation(len(y))
    y = y[:, None] if name == "diabetes" else y
    assert measure_columns(X[order], y[order]).max() < 0.96


def test_check_and_the_result_of_a_training_name_the_column(tmp_path, rng):
    y = rng.integers(0, 3, 120)
    lines = [f"{rng.normal():.2f},{k + 1},{('First', 'Second', 'Third')[k]}" for k in y]
    (tmp_path / "t.csv").write_text("\n".join(["age,tier,label", *lines]))
    with pytest.warns(LuthierWarning, match="no column alone should tell the target"):
        run = luthier.train(tmp_path / "t.csv", epochs=1, out=tmp_path / "run", quiet=True)
    assert any("tier (100.0%); leave them out" in line for line in run.result["remarks"])
    assert "tier" in find_target_leaks(load(tmp_path / "t.csv"))[0].what
