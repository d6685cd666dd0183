"""Archives of arrays: plain ones are read, nothing in them ever runs."""

import math
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from luthier.core.errors import BadInput
from luthier.data import load
from luthier.data.sources import formats

X = np.arange(15, dtype=np.float32).reshape(5, 3)
Y = np.array([1, 0, 1, 1, 0])


def save(path, **content):
    np.savez(path, **content)
    return path


def refused(path):
    with pytest.raises(BadInput) as caught:
        formats.read_npz(path)
    return str(caught.value)


def not_plain(path, reason):
    return f"{path} must be an .npz file of plain arrays, but is not ({reason}); save it with np.savez and no objects"


@pytest.mark.parametrize("names", [("X", "y"), ("x", "y"), ("x_train", "y_train"), ("X_train", "y_train")], ids=str)
def test_the_names_in_use(tmp_path, names):
    dataset = formats.read_npz(save(tmp_path / "mine.npz", **dict(zip(names, (X, Y), strict=True))))
    np.testing.assert_array_equal(dataset.inputs, X)
    assert dataset.labels.tolist() == Y.tolist()
    assert dataset.name == "mine"
    assert dataset.official_test is None


@pytest.mark.parametrize("names", [("X_test", "y_test"), ("x_test", "y_test")], ids=str)
def test_the_test_pair_is_the_official_test_part(tmp_path, names):
    pair = dict(zip(names, (X[:3] + 100, Y[:3]), strict=True))
    dataset = formats.read_npz(save(tmp_path / "mine.npz", X=X, y=Y, **pair))
    assert dataset.official_test.tolist() == [False] * 5 + [True] * 3
    np.testing.assert_array_equal(dataset.inputs[5:], X[:3] + 100)


@pytest.mark.parametrize("half", [{"X_test": X}, {"y_test": Y}, {"x_test": X}])
def test_half_a_test_pair_is_refused(tmp_path, half):
    path = save(tmp_path / "mine.npz", X=X, y=Y, **half)
    assert refused(path) == (
        f"{path} must hold both X_test and y_test or neither, but holds {next(iter(half))} alone; add the other"
    )


def test_classes_name_the_numbers(tmp_path):
    dataset = formats.read_npz(save(tmp_path / "mine.npz", X=X, y=Y, classes=np.array(["no", "yes"])))
    assert dataset.classes == ("no", "yes")


def test_one_class_name_without_a_list_is_one_name(tmp_path):
    assert refused(save(tmp_path / "mine.npz", X=X, y=Y, classes=np.array("ab"))) == (
        "labels must be below the number of classes 1, but 3 are not, such as 1 in row 0; mend them"
    )


def test_compressed_archives_and_paths_as_texts(tmp_path):
    np.savez_compressed(tmp_path / "mine.npz", X=X, y=Y)
    assert load(str(tmp_path / "mine.npz")).fingerprint == load((X, Y)).fingerprint


def test_other_names_are_told(tmp_path):
    path = save(tmp_path / "mine.npz", features=X, labels=Y)
    assert refused(path) == (
        f"{path} must hold arrays X and y, but holds features, labels; save it with np.savez(path, X=X, y=y)"
    )


def test_an_empty_archive_is_told(tmp_path):
    path = save(tmp_path / "mine.npz")
    assert refused(path) == f"{path} must hold arrays X and y, but holds nothing; save it with np.savez(path, X=X, y=y)"


class Bomb:
    """Touches a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


@pytest.fixture
def payload(tmp_path):
    """A pickle that would run, which is seen to work first."""
    target = tmp_path / "it ran"
    content = pickle.dumps(Bomb(target))
    pickle.loads(content)
    assert target.exists()
    target.unlink()
    yield content, target
    assert not target.exists()


def test_pickled_objects_are_refused_and_never_run(tmp_path, payload):
    _, target = payload
    path = save(tmp_path / "mine.npz", X=X, y=np.array([Bomb(target)] * 5, object))
    assert refused(path) == not_plain(path, "Object arrays cannot be loaded when allow_pickle=False")


def test_pickled_classes_are_refused_and_never_run(tmp_path, payload):
    _, target = payload
    path = save(tmp_path / "mine.npz", X=X, y=Y, classes=np.array([Bomb(target)], object))
    assert refused(path) == not_plain(path, "Object arrays cannot be loaded when allow_pickle=False")


def test_a_pickle_under_the_name_of_an_archive_is_refused_and_never_run(tmp_path, payload):
    content, _ = payload
    path = tmp_path / "mine.npz"
    path.write_bytes(content)
    assert refused(path) == not_plain(path, "File is not a zip file")


def test_a_pickle_as_a_member_of_an_archive_is_refused_and_never_run(tmp_path, payload):
    content, _ = payload
    path = tmp_path / "mine.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("X.npy", content)
        archive.writestr("y.npy", content)
    assert refused(path).startswith("X must hold numbers, but got |S")


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    """Zeros pack to a thousandth; an archive of few bytes is read all the same, and so is one that is not packed."""
    zeros = np.zeros((500, 600))
    np.savez_compressed(tmp_path / "bomb.npz", X=zeros, y=[0, 1] * 250)
    np.savez(tmp_path / "plain.npz", X=zeros, y=[0, 1] * 250)
    assert len(load(tmp_path / "bomb.npz")) == 500
    monkeypatch.setattr(formats, "LEAST_TOTAL", 1 << 20)
    assert len(load(tmp_path / "plain.npz")) == 500
    said = (
        r"must be an \.npz file of plain arrays, but is not \(it unpacks to \d+ bytes, more than 100 times its size\)"
    )
    with pytest.raises(BadInput, match=said):
        load(tmp_path / "bomb.npz")


def test_one_array_is_no_archive(tmp_path):
    path = tmp_path / "mine.npz"
    with path.open("wb") as file:
        np.save(file, X)
    assert refused(path) == not_plain(path, "File is not a zip file")


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04"], ids=repr)
def test_a_file_that_is_no_archive(tmp_path, content):
    path = tmp_path / "mine.npz"
    path.write_bytes(content)
    assert refused(path) == not_plain(path, "File is not a zip file")


def test_an_archive_cut_at_every_place_is_refused(tmp_path):
    whole = save(tmp_path / "whole.npz", X=X, y=Y).read_bytes()
    path = tmp_path / "mine.npz"
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        assert refused(path) == not_plain(path, "File is not a zip file"), size


@pytest.mark.parametrize("kind", [np.savez, np.savez_compressed])
def test_a_flipped_byte_never_gets_past_as_other_data(tmp_path, kind, rng):
    """Wherever it is: the file is refused, or what is read is what was written."""
    inputs = rng.random((5, 3), np.float32)
    kind(tmp_path / "whole.npz", X=inputs, y=Y)
    whole = (tmp_path / "whole.npz").read_bytes()
    path, seen = tmp_path / "mine.npz", {"refused": 0, "read": 0}
    for place in range(0, len(whole), 3):
        content = bytearray(whole)
        content[place] ^= 0xFF
        path.write_bytes(content)
        try:
            dataset = formats.read_npz(path)
        except BadInput:
            seen["refused"] += 1
        else:
            seen["read"] += 1
            np.testing.assert_array_equal(dataset.inputs, inputs)
            assert dataset.labels.tolist() == Y.tolist()
    assert seen["refused"] > seen["read"]


def test_a_damaged_array_header(tmp_path):
    path = tmp_path / "mine.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("X.npy", b"\x93NUMPY\x01\x00\x16\x00{'descr': ((((((((((((\n")
    sentence = refused(path)
    assert sentence.startswith(f"{path} must be an .npz file of plain arrays, but is not (")
    assert sentence.endswith("); save it with np.savez and no objects")


def test_an_unreadable_path(tmp_path):
    path = tmp_path / "folder.npz"
    os.mkdir(path)
    assert refused(path) == not_plain(path, f"[Errno 21] Is a directory: {str(path)!r}")


def test_rules_of_arrays_hold_for_files_too(tmp_path):
    assert refused(save(tmp_path / "mine.npz", X=X, y=Y[:3])) == (
        "X and y must have equal lengths, but got 5 and 3; pass one label per example"
    )


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (-1, "labels must not be negative, but 1 are, such as -1 in row 7; number classes from 0 or use strings"),
        (math.nan, "labels must not be missing, but 1 are, such as rows 7; drop such rows"),
        (math.inf, "labels must be finite, but 1 are not, such as rows 7; mend them"),
        (0.5, "y must hold classes or values, but 1 of its numbers are not whole among many that are, such as 0.5 in "
              "row 7; mend them, or set data.task = 'regression' where they are values"),
        (9, "labels must be below the number of classes 3, but 1 are not, such as 9 in row 7; mend them"),
    ],
)  # fmt: skip
def test_a_label_that_is_none_is_told_with_file_and_row(tmp_path, label, said):
    y = np.arange(40) % 3 if label in (-1, 9) else np.arange(40.0) % 3
    y[7] = label
    np.savez(tmp_path / "one.npz", X=np.zeros((40, 3)), y=y, **({"classes": ["a", "b", "c"]} if label == 9 else {}))
    with pytest.raises(BadInput) as caught:
        load(tmp_path / "one.npz")
    assert str(caught.value) == f"{tmp_path / 'one.npz'}: {said}"
