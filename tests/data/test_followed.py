"""Every setting of the data on every form of them: it is followed, or it is refused."""

import numpy as np
import pytest
from PIL import Image

from luthier.api import train
from luthier.core.errors import BadInput
from luthier.data import DataConfig, load
from luthier.data.check import examine
from luthier.data.followed import COLUMNS as TO_DO
from luthier.data.followed import OF_ALL, OF_ARRAYS, OF_PICTURES, OF_TABLES, find_unfollowed
from luthier.testing.material import pictures, rows, values

N = 40
RNG = np.random.default_rng(0)
WORDS = [" ".join(RNG.choice("the cat sat on a red mat and ate one big fish".split(), 4)) for _ in range(N)]


def table(path, text=False):
    """A table with a column for each role."""
    lines = [
        f"{RNG.normal():.3f},{RNG.normal():.3f},{k % 2},{k // 4},{k},{'test' if k > 30 else 'train'}"
        + (f",{WORDS[k]}" if text else "")
        for k in range(N)
    ]
    path.write_text("\n".join(["a,b,sick,signer,day,use" + (",note" if text else ""), *lines]))
    return path


def folder(path):
    for k in range(10):
        for name in ("cat", "dog"):
            (path / name).mkdir(parents=True, exist_ok=True)
            Image.fromarray(RNG.integers(0, 255, (9, 9), np.uint8)).save(path / name / f"{k}.png")
    return path


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    root = tmp_path_factory.mktemp("followed")
    labels = np.arange(N) % 2
    np.savez(root / "rows.npz", X=RNG.normal(size=(N, 3)), y=labels)
    return {
        "named": "digits",
        "rows": (rows().inputs, rows().labels),
        "values": (values().inputs, values().labels),
        "picture arrays": (pictures().inputs, pictures().labels),
        "sequences": ([RNG.normal(size=(k % 5 + 2, 3)) for k in range(N)], labels),
        "npz": root / "rows.npz",
        "folder": folder(root / "pets"),
        "table": table(root / "table.csv"),
        "texts": table(root / "texts.csv", text=True),
        "data set": rows(),
    }


TABLES = ("table", "texts")
PICTURES = ("named", "picture arrays", "folder")
KINDS = ("named", "rows", "values", "picture arrays", "sequences", "npz", "folder", *TABLES, "data set")
COLUMNS = {"target": "sick", "group": "signer", "time": "day", "part": "use", "text": "note"}
SETTINGS = {**COLUMNS, "bad": "skip", "fit": "crop", "size": 7, "form": "rows", "units": "bytes"}
SETTINGS |= {"dates": "day-first", "header": True}
"""A value of each setting that is not the one it has where nothing is said."""


def test_every_setting_says_which_data_follow_it():
    stated = (*OF_TABLES, *OF_PICTURES, *OF_ARRAYS, *OF_ALL)
    assert sorted(stated) == sorted(set(stated)), "once each"
    assert {*DataConfig.model_fields} - {*stated} == set(), "say in data/followed.py which data follow it"
    assert SETTINGS.keys() == {*OF_TABLES, *OF_PICTURES, *OF_ARRAYS}


def is_followed(kind, setting):
    if setting in COLUMNS:
        return kind in TABLES and (setting != "text" or kind == "texts")
    if setting in OF_TABLES:
        return kind in TABLES
    if setting in (*OF_PICTURES, "units"):
        return kind in PICTURES
    return kind in ("rows", "values", "npz", *TABLES, "data set")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_is_followed_or_refused(sources, kind, setting):
    given = {"target": "sick", **{setting: SETTINGS[setting]}} if kind in TABLES else {setting: SETTINGS[setting]}
    try:
        dataset = load(sources[kind], data_config=DataConfig(**given))
        told = list(find_unfollowed(DataConfig(**given), dataset))
    except BadInput as error:  # the reader itself says so, as of a column that is not there
        dataset, told = None, list(error.problems)
    if is_followed(kind, setting):
        assert told == []
    else:
        assert len(told) == 1 and (f"data.{setting}" in told[0] or "arrays" in told[0] or "must be" in told[0]), told
    if dataset is not None and is_followed(kind, setting) and setting in ("group", "time"):
        assert getattr(dataset, setting) is not None


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_that_other_data_do_not_have_trains_nothing(tmp_path, name):
    """As it was: the recipe and the page said `group = signer`, and nothing was grouped."""
    given = {"model": "mlp", "recipe": {"data": {name: COLUMNS[name]}}, "quiet": True, "epochs": 1}
    with pytest.raises(BadInput) as caught:
        train((rows().inputs, rows().labels), out=tmp_path / "run", **given)
    assert str(caught.value) == (
        f"data.{name} = {COLUMNS[name]!r} names a column of a table, but arrays is none; "
        f"take data.{name} out of the recipe: {TO_DO[name]}"
    )
    assert not (tmp_path / "run").exists()


def test_a_table_that_was_loaded_before_is_not_read_once_more(sources):
    whole = load(sources["texts"], data_config=DataConfig(target="sick", text="note"))
    same = DataConfig(target="sick", text="note")
    other = DataConfig(target="a", text="b", group="signer", time="day")
    assert list(find_unfollowed(same, whole)) == []
    found = list(find_unfollowed(other, whole))
    assert [line.split()[0] for line in found] == ["data.target", "data.text", "data.group", "data.time"]
    assert "was read by 'sick'" in found[0] and "was read without" in found[2]


def test_the_check_of_data_refuses_what_a_training_would(sources):
    for kind, setting in (("npz", "group"), ("folder", "target"), ("named", "time")):
        with pytest.raises(BadInput, match=f"data.{setting} = "):
            examine(str(sources[kind]), data_config=DataConfig(**{setting: SETTINGS[setting]}))
    assert examine(str(sources["table"]), data_config=DataConfig(target="sick", group="signer"))
