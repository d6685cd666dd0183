"""Known names: where they are looked for."""

from pathlib import Path

import pytest

from luthier.core.errors import BadInput
from luthier.data import SOURCES, load
from luthier.data.sources.named import NAMED, locate

IN_IDX = ("fashion-mnist", "kmnist", "mnist")


@pytest.fixture
def roots(tmp_path, monkeypatch):
    """The three places in the order of the search."""
    places = [tmp_path / "data_dir", tmp_path / "variable", tmp_path / "cache" / "luthier"]
    monkeypatch.setenv("LUTHIER_DATA", str(places[1]))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return places


def test_the_first_place_that_holds_all_files_wins(roots, write_idx):
    for place in reversed(roots):
        write_idx(place / "kmnist")
        assert locate("kmnist", roots[0]) == place / "kmnist"


def test_a_place_with_some_of_the_files_is_passed_over(roots, write_idx):
    write_idx(roots[0] / "mnist", stems=("train-images-idx3-ubyte", "train-labels-idx1-ubyte"))
    write_idx(roots[1] / "mnist")
    assert locate("mnist", roots[0]) == roots[1] / "mnist"


def test_without_a_variable_there_are_two_places(roots, write_idx, monkeypatch):
    monkeypatch.delenv("LUTHIER_DATA")
    write_idx(roots[1] / "mnist")
    write_idx(roots[2] / "mnist")
    assert locate("mnist", None) == roots[2] / "mnist"


def test_without_xdg_the_cache_is_in_the_home_folder(roots, write_idx, tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = write_idx(tmp_path / "home" / ".cache" / "luthier" / "mnist")
    assert locate("mnist", None) == folder


@pytest.mark.parametrize("name", IN_IDX)
def test_class_names_come_from_the_name_and_must_have_two_examples_each(roots, write_idx, name):
    write_idx(roots[0] / name)
    scarce = ", ".join(f"{one} (0)" for one in NAMED[name].classes[2:7])
    with pytest.raises(BadInput) as caught:
        load(name, data_dir=roots[0])
    assert str(caught.value) == (
        f"every class needs at least 2 training examples, but too few are in {scarce}; add examples or drop the class"
    )


def test_every_source_has_a_card():
    assert list(SOURCES) == ["digits", "cifar10", "fashion-mnist", "kmnist", "mnist"]
    assert all(card.summary.endswith(".") and card.source for card in SOURCES.values())
    assert all(len(set(one.classes)) == 10 for one in NAMED.values())


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (3, "data must be a name, a path or a pair of arrays (X, y), but got int; pass one of these"),
        (None, "data must be a name, a path or a pair of arrays (X, y), but got NoneType; pass one of these"),
        ((1, 2, 3), "data must be a name, a path or a pair of arrays (X, y), but got tuple; pass one of these"),
        (
            "digit",
            "data must be a known name or an existing path, but got 'digit'; did you mean 'digits'? "
            "known: cifar10, digits, fashion-mnist, kmnist, mnist",
        ),
        (
            Path("nowhere/x.npz"),
            "data must be a known name or an existing path, but got 'nowhere/x.npz'; "
            "known: cifar10, digits, fashion-mnist, kmnist, mnist",
        ),
    ],
    ids=str,
)
def test_what_is_no_data(data, problem, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput) as caught:
        load(data)
    assert str(caught.value) == problem


def test_a_file_of_another_kind(tmp_path):
    path = tmp_path / "table.xls"
    path.write_text("a,b\n")
    with pytest.raises(BadInput) as caught:
        load(path)
    assert str(caught.value) == (
        f"a data file must be a .csv, .parquet or .npz file or a .zip of pictures, but got {str(path)!r}; "
        "convert it, or pass arrays from Python"
    )


def test_a_name_wins_over_a_path_of_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits").mkdir()
    assert len(load("digits")) == 1797


def test_real_mnist(mnist_dir):
    dataset = load("mnist")
    assert dataset.inputs.shape == (70_000, 28, 28, 1)
    assert dataset.official_test.nonzero()[0].tolist() == list(range(60_000, 70_000))
    assert dataset.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert dataset.labels[60_000:60_005].tolist() == [7, 2, 1, 0, 4]
    assert int(dataset.inputs[:60_000].sum(dtype="int64")) == 1_567_298_545
    assert dataset.classes == tuple("0123456789")
    assert load("mnist", data_dir=mnist_dir.parent).fingerprint == load(mnist_dir).fingerprint == dataset.fingerprint
