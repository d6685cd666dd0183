"""Equal rows are copies only where equality by chance is improbable."""

import numpy as np
import pytest

from luthier.data import DataConfig, Dataset, load
from luthier.data.copies import part_chance_twins
from luthier.data.split import split


def rows(table: np.ndarray) -> Dataset:
    labels = np.arange(len(table)) % 2
    return Dataset("rows", np.asarray(table, np.float32), labels, ("a", "b"))


def test_people_of_few_kinds_are_no_copies():
    rng = np.random.default_rng(0)
    people = np.stack([rng.integers(0, 2, 900), rng.integers(0, 3, 900)], 1)
    assert rows(people).duplicates.tolist() == list(range(900))


def test_one_column_of_few_values_makes_no_copies():
    assert rows(np.arange(500)[:, None] % 5).duplicates.tolist() == list(range(500))


def test_rows_that_are_all_equal_are_one():
    alike = rows(np.ones((53, 7)))
    assert alike.duplicates.tolist() == [0] * 53 and not alike.chance_rows.any()


@pytest.mark.parametrize("columns", [1, 2, 9])
def test_equal_measurements_are_copies(columns):
    measured = np.random.default_rng(columns).normal(size=(300, columns))
    found = rows(np.concatenate([measured, measured[40:47]])).duplicates
    assert found.tolist() == [*range(300), *range(40, 47)]


def test_a_row_that_was_copied_half_the_table_long_is_one():
    measured = np.random.default_rng(1).normal(size=(301, 4))
    found = rows(np.concatenate([measured, np.repeat(measured[7:8], 290, 0)])).duplicates
    assert found.tolist() == [*range(301), *[7] * 290]


def test_a_table_that_was_pasted_twice_is_copies_throughout():
    measured = np.round(np.random.default_rng(2).normal(size=(200, 5)), 1)
    assert rows(np.tile(measured, (2, 1))).duplicates.tolist() == [*range(200), *range(200)]


def test_rows_of_one_table_differ_in_how_probable_they_are():
    rng = np.random.default_rng(3)
    common, rare = np.zeros((400, 3)), rng.normal(size=(80, 3))
    found = rows(np.concatenate([common + rng.integers(0, 2, (400, 3)), rare, rare[:5]])).duplicates
    assert found[:400].tolist() == list(range(400)) and found[480:].tolist() == list(range(400, 405))


def test_the_number_that_is_expected_decides():
    """Of 640 rows with independent shares of 1/8 and 1/8, and 1/2 a further column, as few columns as make twins."""
    a, b = np.divmod(np.arange(640) % 64, 8)
    equal = np.arange(640) % 64
    assert part_chance_twins(equal, [a[:, None], b[:, None]]).tolist() == list(range(640))
    lone = [np.arange(640)[:, None] % 64 * 1.5 + np.arange(640)[:, None] // 64 for _ in range(6)]
    assert part_chance_twins(equal, [*lone]).tolist() == equal.tolist()


@pytest.mark.parametrize("shape", [(40, 2, 2, 1), (40, 3, 2)])
def test_pictures_and_sequences_are_never_equal_by_chance(shape):
    inputs = np.zeros(shape, np.uint8 if len(shape) == 4 else np.float32)
    dataset = Dataset("made", inputs, np.arange(40) % 2, ("a", "b"))
    assert dataset.duplicates.tolist() == [0] * 40


def test_a_category_is_one_column_and_equal_texts_are_copies(tmp_path):
    cells = [f"{'mfx'[k % 3]},{'uvw'[k % 7 % 3]},{'ny'[k % 2]}" for k in range(240)]
    (tmp_path / "kinds.csv").write_text("sex,tier,label\n" + "\n".join(cells))
    kinds = load(tmp_path / "kinds.csv")
    assert kinds.inputs.shape == (240, 6) and kinds.duplicates.tolist() == list(range(240))
    texts = [f"never seen {k % 60} was said by {k % 60} or by who knows,{'ny'[k % 2]}" for k in range(240)]
    (tmp_path / "texts.csv").write_text("said,label\n" + "\n".join(texts))
    said = load(tmp_path / "texts.csv", data_config=DataConfig(text="said"))
    assert said.duplicates.tolist() == [k % 60 for k in range(240)]


def test_a_table_of_people_is_split_by_the_row():
    rng = np.random.default_rng(5)
    sex, tier = rng.integers(0, 2, 600), rng.integers(0, 3, 600)
    y = np.where(rng.random(600) < np.where(sex, 0.8, 0.25), "yes", "no")
    dataset = load((np.stack([sex, tier], 1).astype(float), y))
    test = split(dataset, 0).test
    assert len(test) == 120 and len({tuple(row) for row in dataset.inputs[test].tolist()}) == 6


def test_rows_that_another_may_equal_are_marked_whether_or_not_one_does():
    rng = np.random.default_rng(4)
    kinds, numbers = rng.integers(0, 2, (400, 2)), rng.normal(size=(400, 1))
    assert rows(kinds).chance_rows.all() and not rows(np.concatenate([kinds, numbers], 1)).chance_rows.any()
    lone = np.zeros((400, 1))
    lone[7] = 1  # alone of its kind, of which one more in 400 is to be expected
    assert rows(lone).chance_rows.all()


def test_pictures_and_sequences_equal_none_by_chance():
    blank = np.zeros((40, 3, 2), np.float32)
    assert not Dataset("blank", blank, np.arange(40) % 2, ("a", "b")).chance_rows.any()
