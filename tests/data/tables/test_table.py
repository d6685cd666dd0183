"""Tables as data sets."""

import dataclasses
import math
import warnings

import numpy as np
import pandas
import pytest

from luthier.core.errors import BadInput, LuthierWarning
from luthier.data import DataConfig, load
from luthier.data.dataset import read_label

PRICE = DataConfig(target="price")


@pytest.fixture
def frame(rng):
    """Twenty flats."""
    return pandas.DataFrame(
        {
            "area": rng.random(20).round(3),
            "city": ["Rome", "Oslo"] * 10,
            "who": [f"agent {k % 3}" for k in range(20)],
            "when": [f"2020-01-{k + 1:02}" for k in range(20)],
            "part": ["train"] * 14 + ["valid"] * 2 + ["test"] * 4,
            "price": np.arange(20) + 0.5,
        }
    )


def problems_of(path, **settings):
    with pytest.raises(BadInput) as caught:
        load(path, data_config=DataConfig(**settings))
    problems = list(caught.value.problems)
    assert all(line.startswith(f"{path}: ") for line in problems if str(path) in line)
    return [line.removeprefix(f"{path}: ") for line in problems]


def test_a_table_is_a_data_set(frame, tmp_path):
    frame.to_csv(tmp_path / "flats.csv", index=False)
    dataset = load(tmp_path / "flats.csv", data_config=DataConfig(target="price", group="who", time="when"))
    assert (dataset.name, dataset.task, dataset.form, dataset.shape) == ("flats", "regression", "rows", (3,))
    np.testing.assert_array_equal(dataset.inputs[:, 0], frame["area"].astype(np.float32))
    assert dataset.table.features == ("area", "city = Oslo", "city = Rome")
    assert dataset.labels[:, 0].tolist() == frame["price"].tolist()
    assert dataset.group.tolist() == [k % 3 for k in range(20)]
    assert np.diff(dataset.time).tolist() == [1] * 19
    assert np.flatnonzero(dataset.official_validation).tolist() == [14, 15]
    assert np.flatnonzero(dataset.official_test).tolist() == [16, 17, 18, 19]


def test_csv_and_parquet_are_the_same_data(frame, tmp_path):
    frame["flag"] = frame["area"] > 0.5
    frame["when"] = pandas.to_datetime(frame["when"])
    frame.to_csv(tmp_path / "flats.csv", index=False)
    frame.to_parquet(tmp_path / "flats.parquet")
    one, other = (load(tmp_path / f"flats.{kind}", data_config=PRICE) for kind in ("csv", "parquet"))
    assert one.table == other.table and one.fingerprint == other.fingerprint
    assert one.table.features[-3:] == ("when", "flag = false", "flag = true")


def test_what_is_left_out_is_told(frame, tmp_path):
    frame.assign(empty=None).to_csv(tmp_path / "flats.csv")
    with pytest.warns(LuthierWarning) as caught:
        dataset = load(tmp_path / "flats.csv", data_config=PRICE)
    assert [str(one.message) for one in caught] == [
        "flats.csv: column column 0 is left out: it numbers the rows; give it another name if it says more",
        "flats.csv: column empty is left out: it is empty; nothing can be learnt from it",
    ]
    assert dataset.table.dropped == (("column 0", "numbers the rows"), ("empty", "is empty"))


def test_categories_are_those_of_the_training_rows(frame, tmp_path):
    frame.loc[18, "city"] = "Bonn"
    frame.to_csv(tmp_path / "flats.csv", index=False)
    dataset = load(tmp_path / "flats.csv", data_config=PRICE)
    assert dataset.table.features[1:3] == ("city = Oslo", "city = Rome")
    assert dataset.inputs[18, 1:3].tolist() == [0, 0]


def test_everything_that_is_wrong_is_said_at_once(frame, tmp_path):
    frame = frame.astype({"area": object, "price": object})
    frame.loc[3, "area"], frame.loc[5, "area"], frame.loc[7, "price"], frame.loc[2, "who"] = "big", None, None, None
    frame.loc[4, "part"] = "left"
    frame.to_csv(tmp_path / "flats.csv", index=False)
    assert problems_of(tmp_path / "flats.csv", target="price", group="who", part="part") == [
        "the target price must not be missing, but is in 1 rows: 7; drop or fill them",
        "data.part must hold train, valid or test, but 1 rows of part do not, such as 'left' in row 4; mend them",
        "data.group who must not be missing, but is in 1 rows: 2; fill it",
        "column area must hold numbers, but 1 values are not: 'big' in row 3; mend or empty them",
    ]


@pytest.mark.parametrize("column", ["area", "price"])
@pytest.mark.parametrize("texts", [["0,5", "7,25"], ["1,000", "12,345.5"], ["1.234,5", "3"], ["-0,5", None]])
def test_numbers_with_commas_are_not_taken_for_categories(frame, tmp_path, column, texts):
    frame[column] = texts * 10
    frame.to_csv(tmp_path / "flats.csv", index=False, sep=";")
    shown = next(text for text in texts if text and "," in text)
    problem = problems_of(tmp_path / "flats.csv", target="price")[0]
    assert problem.startswith("numbers must be written with a point") and f"of {column} have commas" in problem
    assert f"such as '{shown}'; rewrite them" in problem


def test_texts_that_hold_commas_among_others_are_texts(frame, tmp_path):
    frame["city"] = ["1,5", "Rome"] * 10
    frame.to_csv(tmp_path / "flats.csv", index=False)
    assert "city = 1,5" in load(tmp_path / "flats.csv", data_config=PRICE).table.features


def test_infinities_are_refused(frame, tmp_path):
    frame.loc[[3, 4], "area"] = [np.inf, 1e300]
    frame.to_csv(tmp_path / "flats.csv", index=False)
    assert problems_of(tmp_path / "flats.csv", target="price") == [
        "column area must hold numbers finite in float32, but 2 values are not: 'inf' in row 3, '1e+300' in row 4; "
        "mend or empty them"
    ]


def test_a_target_that_cannot_be_learned_is_refused(frame, tmp_path):
    frame["price"] = ["a"] * 14 + ["b"] * 6
    frame.to_csv(tmp_path / "flats.csv", index=False)
    assert problems_of(tmp_path / "flats.csv", target="price") == [
        "every class needs at least 2 training examples, but too few are in b (0); add examples or drop the class"
    ]
    frame.assign(price=3.0).to_csv(tmp_path / "flats.csv", index=False)
    assert problems_of(tmp_path / "flats.csv", target="price", task="regression")[0].startswith("values must differ")


def test_further_data_are_read_by_the_schema_of_the_first(frame, tmp_path):
    frame.to_csv(tmp_path / "flats.csv", index=False)
    data_config = DataConfig(target="price", part="part", group="who", time="when", task="regression")
    schema = load(tmp_path / "flats.csv", data_config=data_config).table
    frame[["price", "city", "area"]].head(3).to_csv(tmp_path / "more.csv", index=False)
    with warnings.catch_warnings(action="error"):
        more = load(tmp_path / "more.csv", data_config=data_config, schema=schema)
    assert more.table == schema
    assert more.official_test is more.group is more.time is None
    np.testing.assert_array_equal(more.inputs, load(tmp_path / "flats.csv", data_config=data_config).inputs[:3])


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("label", "said"),
    [
        (None, "the target label must not be missing, but is in 1 rows: 7; drop or fill them"),
        (math.nan, "the target label must not be missing, but is in 1 rows: 7; drop or fill them"),
        (math.inf, "the target label must be finite, but 1 rows are not: inf in row 7; mend them"),
        (1.5, "the target label must hold classes or values, but 1 of its numbers are not whole among many that are, "
              "such as 1.5 in row 7; mend them, or say --set data.task=regression"),
    ],
)  # fmt: skip
def test_a_label_that_is_none_is_told_with_file_and_row(tmp_path, suffix, label, said):
    labels = [float(k % 3) for k in range(40)]
    labels[7] = label
    frame = pandas.DataFrame({"a": [k * k / 7 for k in range(40)], "label": labels})
    path = tmp_path / f"one.{suffix}"
    getattr(frame, f"to_{suffix}")(path, index=False)
    with pytest.raises(BadInput) as caught:
        load(path)
    assert str(caught.value).replace("'inf'", "inf").replace("'1.5'", "1.5") == f"{path}: {said}"


def test_what_was_left_out_or_filled_in_is_noted(frame, tmp_path):
    frame.loc[[3, 9], "area"] = None
    frame["floor"] = ["?" if k % 3 == 1 else str(k % 3) for k in range(20)]
    frame.assign(empty=None).to_csv(tmp_path / "flats.csv", index=False)
    with pytest.warns(LuthierWarning) as caught:
        dataset = load(tmp_path / "flats.csv", data_config=PRICE)
    assert dataset.remarks == (
        "column empty is left out: it is empty; nothing can be learnt from it",
        "column floor holds '?' in place of 7 numbers, which count as missing; write the numbers if they are known",
        "column area is missing in 2 rows, where the mean stands for it",
        "column floor is missing in 7 rows, where the mean stands for it",
    )
    assert [str(one.message) for one in caught] == [f"flats.csv: {line}" for line in dataset.remarks[:2]]
    assert dataset.fingerprint == dataclasses.replace(dataset, remarks=()).fingerprint


def test_texts_of_unknown_words_are_not_the_same_text(tmp_path):
    known = [f"word{k % 5} word{k % 7} word{k % 11},{k % 2},train" for k in range(40)]
    odd = ["never seen before,0,train", "nobody wrote that,1,test", "Nobody  wrote that,1,test"]
    (tmp_path / "one.csv").write_text("\n".join(["text,label,part", *known, *odd]))
    dataset = load(tmp_path / "one.csv", data_config=DataConfig(text="text"))
    np.testing.assert_array_equal(dataset.inputs[40], dataset.inputs[41])
    assert dataset.groups[40:].tolist() == [40, 41, 41]
    assert dataset.groups[:40].tolist() == list(range(40))


def test_classes_that_are_one_number_are_told(tmp_path):
    (tmp_path / "one.csv").write_text(
        "x,label\n" + "".join(f"{k},{('1', '1.0', '01', '2', '1.5')[k % 5]}\n" for k in range(40))
    )
    with pytest.warns(LuthierWarning) as caught:
        dataset = load(tmp_path / "one.csv", data_config=DataConfig(task="classification"))
    line = "classes 01, 1, 1.0 of label are the same number; they are taken for different classes, as they are written"
    assert [str(one.message) for one in caught] == [f"one.csv: {line}"] and dataset.remarks == (line,)
    assert dataset.classes == ("01", "1", "1.0", "1.5", "2")


@pytest.mark.parametrize(
    ("target", "labels", "kind"),
    [
        (np.arange(20) % 2 + 7, [7, 8], int),
        (np.arange(20) % 2 == 0, [False, True], bool),
        (pandas.array(np.arange(20) % 2, dtype="Int64"), [0, 1], int),
        (pandas.array(np.arange(20) % 2 == 0, dtype="boolean"), [False, True], bool),
        (np.arange(20) % 2 / 1.0, [0.0, 1.0], float),
        (np.arange(20) % 2 + 10**17, [10**17, 10**17 + 1], int),
        (np.array(["01", "2"])[np.arange(20) % 2], ["01", "2"], str),
        (pandas.Categorical(np.array([3, 5])[np.arange(20) % 2]), [3, 5], int),
    ],
)
def test_labels_of_a_frame_keep_their_type_and_those_of_its_file_are_texts(target, labels, kind, tmp_path):
    frame = pandas.DataFrame({"a": np.arange(20) % 7 + 0.5, "class": target})
    found = load(frame)
    back = [read_label(name, found.label_kind) for name in found.classes]
    assert back == labels and {type(one) for one in back} == {kind}
    frame.to_csv(tmp_path / "t.csv", index=False)
    assert load(tmp_path / "t.csv").label_kind == "text"
