"""Whether a first row is the header, of made files of the kinds that people have."""

import random

import pytest

from luthier.data.tables.header import are_made, holds_names, make_names, stands_above_figures


def columns_of(rows):
    return [list(column) for column in zip(*rows, strict=True)]


def named(first, rows):
    return holds_names(first, columns_of(rows))


def made_rows(count=60):
    """Rows of codes, whole numbers and fractions, as of credits."""
    rng = random.Random(0)
    return [[f"A{rng.randint(11, 14)}", str(rng.randint(4, 60)), f"{rng.random():.3f}", rng.choice("12")]
            for _ in range(count)]  # fmt: skip


@pytest.mark.parametrize("number", [0, 7, 31])
def test_a_row_like_the_others_is_none(number):
    rows = made_rows()
    first = rows.pop(number)
    assert not named(first, rows)


@pytest.mark.parametrize(
    "first", [["status", "months", "share", "class"], ["c0", "c1", "c2", "c3"], ["", "x", "y", "z"]]
)
def test_texts_above_numbers_are_names(first):
    assert named(first, made_rows())


def test_words_above_a_few_other_words_are_names():
    rows = [list("px"), list("es"), list("px"), list("es")]
    assert named(["class", "shape"], rows)
    assert not named(["e", "x"], rows)


def test_a_class_and_a_text():
    rows = [["ham", f"a text number {k}"] for k in range(5)] + [["spam", "buy this now"]]
    assert not named(["spam", "another text"], rows)
    assert named(["label", "text"], rows)


@pytest.mark.parametrize("width", [1, 2, 5, 64])
def test_the_numbers_that_pandas_gives_are_names(width):
    rng = random.Random(1)
    rows = [[str(rng.randint(0, 16)) for _ in range(width)] for _ in range(50)]
    assert named([str(k) for k in range(width)], rows) or width == 1
    assert named(["", *map(str, range(width))], [[str(k), *row] for k, row in enumerate(rows)])
    assert named([*map(str, range(width)), "target"], [[*row, "01"[k % 2]] for k, row in enumerate(rows)])


def test_years_are_names():
    rows = [[f"land {k}", str(k % 7), str(k % 5), str(k % 3)] for k in range(20)]
    assert named(["land", "2010", "2011", "2012"], rows)
    assert named(["2010", "2011", "2012"], [row[1:] for row in rows])


def test_dates_above_numbers_are_names():
    rows = [[str(k % 7), str(k % 5)] for k in range(20)]
    assert named(["2020-01-01", "2020-02-01"], rows)


def test_a_date_above_dates_is_none():
    rows = [[f"2020-01-{k:02d}", f"{k % 9}.5"] for k in range(1, 20)]
    assert not named(["2020-01-25", "3.5"], rows)
    assert named(["day", "3.5"], rows)


def test_a_mark_of_missing_says_nothing():
    rows = [["?" if k % 3 else "M", "", str(k % 9)] for k in range(20)]
    assert not named(["M", "", "4"], rows)


def test_a_table_of_one_row_below():
    assert named(["a", "b"], [["1", "2"]])
    assert stands_above_figures(["a", "b"], [["1"], ["x"]]) and not stands_above_figures(["a"], [["x"]])


def test_made_names():
    assert make_names(2) == ["column_0", "column_1"]
    assert are_made(make_names(12)) and not are_made(["column_0", "x"]) and not are_made([])
