"""Examples without labels: read in every form, brought to the data's, clear of what is held out."""

import dataclasses
import warnings

import numpy as np
import pytest
from PIL import Image

from luthier.core.errors import BadInput, LuthierWarning
from luthier.data import DataConfig, Dataset, load
from luthier.data.dataset import Unlabelled
from luthier.data.split import split
from luthier.data.unlabelled import attach_unlabelled, exclude_equal, exclude_overlap
from luthier.testing.material import pictures, rows

DATA = pictures(41)


def with_more(more, data=DATA, **reading) -> Dataset:
    return load(data, data_config=DataConfig(**reading), unlabelled=more)


def test_parts_and_draws_stay_as_they_were_and_the_fingerprint_sees_them():
    one, other = with_more(pictures(47).inputs), with_more(pictures(43).inputs)
    assert len({DATA.fingerprint, one.fingerprint, other.fingerprint}) == 3
    assert DATA.drawn_by == one.drawn_by == other.drawn_by
    for part in ("train", "validation", "test"):
        assert getattr(split(one, 3), part).tolist() == getattr(split(DATA, 3), part).tolist()


@pytest.mark.parametrize("shape", [(5, 12, 12), (5, 1, 12, 12), (5, 12, 12, 1)])
def test_arrays_of_pictures_in_every_order_of_axes(shape):
    X = pictures(5).inputs
    assert np.array_equal(with_more(X.reshape(shape)).unlabelled.inputs, X)


def test_a_name_or_data_set_gives_its_examples_but_for_the_official_test_part():
    data = dataclasses.replace(pictures(11), official_test=np.arange(11) % 3 == 0)
    assert np.array_equal(with_more(data).unlabelled.inputs, data.inputs[np.arange(11) % 3 != 0])
    with warnings.catch_warnings(record=True):
        found = with_more("digits", load("digits"))
    assert len(found.unlabelled) == 1797


def test_files_of_arrays(tmp_path):
    X = pictures(7).inputs
    np.save(tmp_path / "x.npy", X)
    np.savez(tmp_path / "x.npz", X=X, y=np.zeros(7))
    for name in ("x.npy", "x.npz"):
        assert np.array_equal(with_more(tmp_path / name).unlabelled.inputs, X)


def test_a_folder_is_read_whole_whatever_folders_are_in_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    for name in ("a.png", "cat/b.png", "test/dog/c.png"):
        path = tmp_path / "more" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (12, 12), np.uint8)).save(path)
    found = load(DATA, data_config=DataConfig(unlabelled=str(tmp_path / "more")), quiet=True)
    assert found.unlabelled.inputs.shape == (3, 12, 12, 1) and found.unlabelled.keys.shape == (3, 16)
    again = load(DATA, data_config=DataConfig(unlabelled=str(tmp_path / "more")), quiet=True)
    assert again.fingerprint == found.fingerprint


def test_a_folder_of_other_sizes_is_decoded_at_the_size_of_the_data(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "more").mkdir()
    for number, size in enumerate([(30, 20), (7, 9)]):
        Image.new("L", size, 40 * number).save(tmp_path / "more" / f"{number}.png")
    assert with_more(tmp_path / "more").unlabelled.inputs.shape == (2, 12, 12, 1)


def test_arrays_of_other_sizes_are_resized_with_a_line():
    with pytest.warns(LuthierWarning) as caught:
        found = with_more(pictures(5, side=17).inputs, fit="pad")
    assert found.unlabelled.inputs.shape == (5, 12, 12, 1)
    assert str(caught[0].message) == (
        "the 5 unlabelled pictures of 17 x 17 pixels are brought to 12 x 12, those of the data, "
        "as data.fit = 'pad' says"
    )


@pytest.mark.parametrize(
    ("more", "line"),
    [
        (
            pictures(5, channels=3).inputs,
            "unlabelled examples must be of the form of the data, (12, 12, 1) uint8, "
            "but unlabelled holds 5 of (12, 12, 3) uint8; bring them to that form",
        ),
        (
            pictures(5).inputs / np.float32(255),
            "unlabelled examples: X must hold bytes, 0 to 255, as the pictures of the training did, but its numbers "
            "lie within 0.0352941 and 0.992157, as where 1 is white; multiply them by 255 if 1 is white, or convert "
            "them to whole numbers if 255 is",
        ),
        (
            rows(5).inputs,
            "unlabelled examples: data.form is pictures, but X has shape (5, 7), which is no such thing; "
            "mend one of them",
        ),
        (7, "unlabelled examples must be an array, a name or a path, but got int; pass one of these"),
        (
            "nowhere",
            "unlabelled examples must be a known name or the path of a file or folder of their form, "
            "but got 'nowhere'; check it",
        ),
    ],
    ids=["channels", "type", "rows", "number", "missing"],
)
def test_what_does_not_fit_is_refused_in_one_line(more, line):
    with pytest.raises(BadInput) as caught:
        with_more(more)
    assert caught.value.problems == (line,)


@pytest.mark.parametrize("kind", ["i4", "u2", "f8"])
def test_pictures_of_another_type_are_brought_to_the_units_of_the_data(kind):
    found = with_more(pictures(5).inputs.astype(kind)).unlabelled.inputs
    assert found.dtype == np.uint8 and np.array_equal(found, pictures(5).inputs)


def test_pictures_of_another_type_that_equal_held_out_ones_are_found():
    """One number beyond white makes all of them floats."""
    more = DATA.inputs[:4].astype(int)
    more[3, 0, 0, 0] = 300
    data = with_more(more)
    assert data.unlabelled.inputs.dtype == np.float32
    assert exclude_equal(data, np.arange(2)).tolist() == [2, 3]


def test_files_of_bytes_do_not_go_with_plain_numbers(tmp_path):
    Image.new("L", (12, 12), 40).save(tmp_path / "a.png")
    plain = dataclasses.replace(DATA, inputs=DATA.inputs.astype(np.float32) * 16)
    with pytest.raises(
        BadInput, match=r"of the form of the data, \(12, 12, 1\) float32, but .* of \(12, 12, 1\) uint8"
    ):
        with_more(tmp_path, plain)
    unit = dataclasses.replace(DATA, inputs=DATA.inputs / np.float32(255))
    assert with_more(tmp_path, unit).unlabelled.inputs.dtype == np.uint8


def test_rows_and_sequences():
    assert with_more(rows(9).inputs, rows(53)).unlabelled.inputs.shape == (9, 7)
    steps = np.ones((9, 4, 3), np.float32)
    data = load((steps, np.arange(9) % 2), data_config=DataConfig(form="sequences"))
    more = with_more([np.ones((2, 3), np.float32), np.ones((6, 3), np.float32)], data).unlabelled
    assert more.inputs.shape == (2, 6, 3) and np.isnan(more.inputs[0, 2:]).all()


def test_a_table_is_read_by_the_columns_of_the_data(tmp_path):
    own, more = tmp_path / "own.csv", tmp_path / "more.csv"
    own.write_text("colour,size,target\n" + "".join(f"{'rg'[k % 2]},{k},{'ab'[k % 2]}\n" for k in range(20)))
    more.write_text("size,colour\n3,r\n,g\n4.5,r\n")
    found = load(own, unlabelled=more)
    assert found.unlabelled.inputs.shape == (3, found.inputs.shape[1])
    with pytest.raises(BadInput, match="beside a table must be its columns by name"):
        load(own, unlabelled=np.zeros((3, 2)))


def test_what_equals_a_held_out_example_is_left_out_with_a_line():
    parts = split(DATA, 0)
    copies = np.concatenate((parts.test[:2], parts.validation[:1], parts.train[:4]))
    data = with_more(DATA.inputs[copies])
    held_out = np.concatenate((parts.validation, parts.test))
    with pytest.warns(LuthierWarning) as caught:
        found = exclude_overlap(data, held_out)
    assert str(caught[0].message) == (
        "3 of the 7 unlabelled examples equal one of the validation or test part and are left out of the training"
    )
    assert np.array_equal(found, DATA.inputs[parts.train[:4]])
    assert exclude_equal(data, parts.train).tolist() == [0, 1, 2]


def test_equal_pictures_of_files_are_known_by_what_was_read():
    keys = np.arange(41 * 16, dtype=np.uint8).reshape(41, 16)
    data = dataclasses.replace(DATA, keys=keys)
    more = Unlabelled("more", pictures(3).inputs, keys[[5, 6, 7]] + np.uint8(0))
    assert exclude_equal(attach_unlabelled(data, more, "resize"), np.array([6])).tolist() == [0, 2]


def test_arrays_cannot_be_found_again():
    with pytest.raises(BadInput, match="the unlabelled examples are needed again, but they were arrays"):
        load(DATA, data_config=DataConfig(unlabelled="arrays"))
    there = with_more(pictures(5).inputs)
    assert load(there, data_config=DataConfig(unlabelled="arrays")).fingerprint == there.fingerprint
