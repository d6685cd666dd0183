"""A data set in files is the data set that was written, whatever it is made of."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from luthier.data import DataConfig, load
from luthier.data.dataset import Unlabelled
from luthier.data.shared import open_shared, share_dataset
from luthier.testing.material import pictures, rows, values


def through_files(dataset, folder: Path):
    folder.mkdir(exist_ok=True)
    share_dataset(dataset, folder)
    return open_shared(folder)


def same(one, other) -> bool:
    if isinstance(one, np.ndarray):
        return (
            isinstance(other, np.ndarray)
            and one.shape == other.shape
            and one.dtype in (other.dtype, np.dtype(object))
            and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
        )
    if isinstance(one, Unlabelled):
        return all(same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    return type(one) is type(other) and one == other


def check(dataset, folder):
    found = through_files(dataset, folder)
    differing = [
        field.name for field in fields(dataset) if not same(getattr(dataset, field.name), getattr(found, field.name))
    ]
    assert differing == []
    assert found.fingerprint == dataset.fingerprint and found.drawn_by == dataset.drawn_by
    assert np.array_equal(found.groups, dataset.groups)
    assert (found.form, found.shape, found.task, found.outputs) == (
        dataset.form, dataset.shape, dataset.task, dataset.outputs
    )  # fmt: skip
    return found


@pytest.mark.parametrize("make", [pictures, rows, values], ids=lambda make: make.__name__)
def test_plain_arrays(make, tmp_path):
    found = check(make(53), tmp_path)
    assert isinstance(found.inputs, np.memmap) and not found.inputs.flags.writeable


def test_every_field_that_may_be_there(tmp_path):
    chance, count = np.random.default_rng(0), 53
    data = replace(
        rows(count),
        official_test=chance.random(count) < 0.2,
        official_validation=chance.random(count) < 0.1,
        weights=chance.random(count).astype(np.float32),
        group=chance.integers(0, 20, count),
        time=chance.random(count),
        names=np.array([f"picture {number} \u00e4\u4e2d.png" for number in range(count)], object),
        keys=chance.integers(0, 256, (count, 16)).astype(np.uint8),
        content="abc",
        side=17,
        extra=chance.random(count) < 0.3,
        without_extra="def",
        names_of_columns=("a", "b", "c", "d", "e", "f", "g"),
        meaning="plain",
        label_kind="int",
        unlabelled=Unlabelled("more", chance.random((11, 7)).astype(np.float32), None, "content"),
    )
    assert {field.name for field in fields(data) if getattr(data, field.name) is None} == {"table"}
    check(data, tmp_path)


def test_a_table_with_its_schema(tmp_path):
    lines = [
        f"{number},{'abc'[number % 3]},{'' if number == 7 else number * 0.5},{'xy'[number % 2]}" for number in range(40)
    ]
    (tmp_path / "table.csv").write_text("\n".join(["count,letter,half,target", *lines]))
    data = load(str(tmp_path / "table.csv"), data_config=DataConfig(target="target"))
    assert data.table is not None and np.isnan(data.inputs).any()
    check(data, tmp_path / "shared")


def test_sequences_that_end_in_nan(tmp_path):
    sequences = [np.full((steps, 3), steps, float) for steps in (2, 5, 3, 4, 5, 1)]
    data = load((sequences, [0, 1, 0, 1, 0, 1]), data_config=DataConfig(form="sequences"))
    assert np.isnan(data.inputs).any()
    check(data, tmp_path)


def test_texts(tmp_path):
    lines = [f'"{"good fine" if number % 2 else "bad poor"} film {number}",{number % 2}' for number in range(40)]
    (tmp_path / "texts.csv").write_text("\n".join(["text,label", *lines]))
    check(load(str(tmp_path / "texts.csv"), data_config=DataConfig(target="label", text="text")), tmp_path / "shared")


def test_what_is_mapped_from_a_file_is_named_not_copied(tmp_path):
    np.save(tmp_path / "inputs.npy", pictures(67).inputs)
    data = replace(pictures(67), inputs=np.load(tmp_path / "inputs.npy", mmap_mode="r"))
    assert check(data, tmp_path / "shared").inputs.filename == str(tmp_path / "inputs.npy")
    assert not (tmp_path / "shared" / "inputs.npy").exists()


@pytest.mark.parametrize(
    "part", [lambda one: one[5:40], lambda one: one[::2], lambda one: one[:, ::-1], np.asfortranarray]
)
def test_a_part_of_what_is_mapped_is_copied(part, tmp_path):
    np.save(tmp_path / "inputs.npy", pictures(67).inputs)
    inputs = part(np.load(tmp_path / "inputs.npy", mmap_mode="r"))
    data = replace(pictures(67), inputs=inputs, labels=pictures(67).labels[: len(inputs)])
    check(data, tmp_path / "shared")


def test_no_example_at_all_without_labels(tmp_path):
    check(replace(rows(53), unlabelled=Unlabelled("none", np.zeros((0, 7), np.float32))), tmp_path)


def test_digits(tmp_path):
    check(load("digits"), tmp_path)
