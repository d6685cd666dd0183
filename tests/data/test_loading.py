"""What a caller says of the data: one set of arguments, handed on whole."""

import inspect
import warnings
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from luthier import api
from luthier.core.errors import BadInput, LuthierWarning
from luthier.data import DataArguments, DataConfig, load
from luthier.study.tune import resume_tune, tune
from luthier.testing.material import rows

DATA = rows(53)
X, Y = DATA.inputs, DATA.labels
NAMES = {field.name for field in fields(DataArguments)} - {"source"}


@pytest.mark.parametrize("face", [api.train, tune])
def test_whoever_trains_takes_all_data_arguments(face):
    assert set(inspect.signature(face).parameters) > NAMES


@pytest.mark.parametrize("face", [api.resume, resume_tune])
def test_whoever_goes_on_takes_all_but_the_task_that_the_recipe_says(face):
    parameters = set(inspect.signature(face).parameters)
    assert parameters > NAMES - {"task"} and "task" not in parameters


@pytest.mark.parametrize(
    ("given", "section"),
    [
        (DataArguments("digits"), {"source": "digits"}),
        (DataArguments(load("digits")), {"source": "digits"}),
        (DataArguments((X, Y), task="classification"), {"source": "arrays", "task": "classification"}),
        (DataArguments(DATA, unlabelled=X), {"source": "arrays", "unlabelled": "arrays"}),
        (DataArguments("digits", extra_data="mnist"), {"source": "digits", "extra": "mnist"}),
    ],
)
def test_the_recipe_names_where_the_data_are_found_again(given, section):
    assert given.section() == section


def test_a_path_is_named_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("here.npz", X=X, y=Y)
    assert DataArguments("here.npz").section() == {"source": str(tmp_path / "here.npz")}
    assert DataArguments("nowhere.npz").section() == {"source": "nowhere.npz"}


def test_data_are_read_again_from_where_the_recipe_says_unless_others_are_given(tmp_path):
    np.savez(tmp_path / "data.npz", X=X, y=Y)
    config = DataConfig(source=str(tmp_path / "data.npz"))
    kept, given = DataArguments().load_again(config), DataArguments((X + 1, Y)).load_again(config)
    assert kept.fingerprint == load((X, Y)).fingerprint and given.fingerprint == load((X + 1, Y)).fingerprint
    with pytest.raises(BadInput) as caught:
        DataArguments().load_again(DataConfig(source="arrays"))
    assert str(caught.value) == (
        "a run needs its data again, but it was trained on arrays that no file holds; "
        "pass them from Python as data=(X, y)"
    )


def test_load_is_the_same_arguments_one_by_one():
    known = {"weights": np.linspace(1, 2, 53), "groups": np.arange(53) // 2, "times": np.arange(53.0), "unlabelled": X}
    one = load((X, Y), extra=(X[:5] + 1, Y[:5]), **known)
    other = DataArguments((X, Y), extra_data=(X[:5] + 1, Y[:5]), **known).load()
    assert one.fingerprint == other.fingerprint != load((X, Y)).fingerprint


def told(source):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        dataset = load(source)
    return dataset, [str(one.message) for one in caught if issubclass(one.category, LuthierWarning)]


@pytest.mark.parametrize("place", ["digits/", "digits.npz", "digits.csv"])
def test_a_known_name_that_is_a_place_here_too_is_told(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    (tmp_path / place).mkdir() if place.endswith("/") else (tmp_path / place).write_bytes(b"")
    dataset, said = told("digits")
    assert dataset.fingerprint == load(dataset).fingerprint and len(dataset) == 1797
    kind = "a folder" if place.endswith("/") else "a file"
    assert said == [
        "digits is taken for the known data set of that name, but there is "
        f"{kind} ./{place.rstrip('/')} too; to read that instead, write ./{place.rstrip('/')}"
    ]
    assert told("digits")[1] == said and DataArguments("digits").section() == {"source": "digits"}


def test_a_known_name_alone_is_told_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits.txt").write_text("notes")
    (tmp_path / "mnist").mkdir()
    assert told("digits")[1] == []


@pytest.mark.parametrize("form", [lambda path: f"./{path}", lambda path: path.resolve(), lambda path: path])
def test_data_of_ones_own_that_are_called_like_a_known_set_are_not_taken_for_it(tmp_path, monkeypatch, form):
    monkeypatch.chdir(tmp_path)
    np.savez("digits.npz", X=X, y=Y)
    own, said = told(form(Path("digits.npz")))
    assert said == [] and own.fingerprint == load((X, Y)).fingerprint
    assert own.name == "./digits.npz" and DataArguments(own).section() == {"source": "arrays"}
    for k in range(6):
        for name in ("even", "odd"):
            (tmp_path / "digits" / name).mkdir(parents=True, exist_ok=True)
            pixels = np.random.default_rng([k, name == "odd"]).integers(0, 255, (8, 8), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "digits" / name / f"{k}.png")
    folder, said = told(form(Path("digits")))
    assert said == [] and folder.classes == ("even", "odd") and folder.name == "./digits"
    assert DataArguments(form(Path("digits"))).section() == {"source": str(tmp_path.resolve() / "digits")}


@pytest.mark.parametrize(("name", "values"), [("group", np.arange(53) % 5), ("time", np.arange(53))])
def test_what_a_column_and_python_both_give_is_refused(tmp_path, name, values):
    path = tmp_path / "rows.csv"
    lines = [f"{one[0]},{one[1]},{label},{k}" for k, (one, label) in enumerate(zip(X, Y, strict=True))]
    path.write_text("\n".join(["a,b,y,more", *lines]))
    config = DataConfig(**{name: "more"})
    assert getattr(load(path, data_config=config), name) is not None
    with pytest.raises(BadInput) as caught:
        load(path, data_config=config, **{f"{name}s": values})
    assert str(caught.value) == (
        f"{name}s must be given once, but data.{name} = 'more' names a column of them and {name}s= has others; "
        "leave one of them out"
    )
