"""What a caller says of the data: one set of arguments, handed on whole."""

import inspect
from dataclasses import fields

import numpy as np
import pytest

from luthier import api
from luthier.core.errors import BadInput
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
