"""The same examples give the same answers in every form: each modality x type of its numbers x way to ask."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image

from luthier import LuthierClassifier
from luthier.api import evaluate, train
from luthier.cli import main
from luthier.data import DataConfig, load
from luthier.run import Run
from luthier.run.predict import predict_files

N, SIDE = 24, 6
Y = np.arange(N) % 3
NAMES = np.array(["cat", "dog", "owl"])[Y]
FLOATS = ("f2", "f4", "f8", ">f4")
WHOLE = ("i2", "i4", "i8", "u2", "u4", "u8", ">i2")


@dataclass(frozen=True)
class Modality:
    """Examples, and the types of numbers that hold them exactly."""

    X: np.ndarray
    types: tuple[str, ...]
    form: str = "auto"

    @property
    def forms(self) -> dict[str, Any]:
        """The same examples in each form that a program may hold them in."""
        forms: dict[str, Any] = {name: self.X.astype(name) for name in self.types}
        forms["list"] = self.X.tolist()
        if self.X.ndim == 2:
            forms["DataFrame"] = pd.DataFrame(self.X)
        if self.X.ndim == 4:
            forms |= {"channels first": self.X.transpose(0, 3, 1, 2), "no channels": self.X[..., 0]}
        if self.form == "sequences":
            forms["list of arrays"] = list(self.X)
        return forms


def drawn(low: int, high: int, *shape: int) -> np.ndarray:
    """Whole numbers whose mean tells the class."""
    rng = np.random.default_rng(0)
    X = rng.integers(low, (low + high) // 2, (N, *shape))
    return X + (Y * (high - low) // 8).reshape(N, *[1] * len(shape))


PICTURE = (SIDE, SIDE, 1)
MODALITIES = {
    "pictures of bytes": Modality(drawn(0, 250, *PICTURE).astype(np.uint8), ("u1", *WHOLE, *FLOATS)),
    "pictures from 0 to 1": Modality(drawn(0, 64, *PICTURE) / 64, FLOATS),
    "pictures in 11 bits": Modality(drawn(0, 2000, *PICTURE), (*WHOLE, *FLOATS)),
    "rows": Modality(drawn(-60, 60, 5), ("i1", "i2", "i4", "i8", *FLOATS)),
    "sequences": Modality(drawn(0, 99, 7, 2), ("u1", *WHOLE, *FLOATS), form="sequences"),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Run]]:
    """The network of each modality, trained once."""
    root = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(root / "state"))

        @cache
        def trained(name: str) -> Run:
            one = MODALITIES[name]
            data = {"form": one.form if one.X.ndim == 3 else "auto"}
            settings = {"epochs": 2, "learning_rate": 0.01, "quiet": True}
            return train((one.X, NAMES), recipe={"data": data}, out=root / name.replace(" ", "-"), **settings)

        for name in MODALITIES:
            trained(name)
        yield trained


@cache
def fitted(name: str) -> LuthierClassifier:
    return LuthierClassifier(epochs=2, random_state=0).fit(MODALITIES[name].X, NAMES)


def by_class(run: Run, answers: list[dict[str, Any]]) -> np.ndarray:
    """The probabilities (N, K) among answers of `luthier predict`."""
    tops = [{one["class"]: one["probability"] for one in answer["top"]} for answer in answers]
    return np.array([[top[name] for name in run.classes] for top in tops])


def asked(run: Run, file: Path, capsys: pytest.CaptureFixture[str]) -> np.ndarray:
    with pytest.raises(SystemExit) as left:
        main(["predict", str(run.path), str(file), "--json"])
    assert left.value.code == 0
    return by_class(run, json.loads(capsys.readouterr().out)["predictions"])


CELLS = [(name, form) for name, one in MODALITIES.items() for form in one.forms]


@pytest.mark.parametrize(("name", "form"), CELLS)
def test_predictions_are_the_same_in_every_form(runs, name, form, tmp_path, capsys):
    run, X = runs(name), MODALITIES[name].forms[form]
    expected = run.predict_proba(MODALITIES[name].X)
    assert len(np.unique(expected.round(4))) > 5, "networks that answer alike to all would show nothing"
    np.save(tmp_path / "x.npy", np.asarray(X))
    np.savez(tmp_path / "x.npz", X=np.asarray(X))
    np.testing.assert_allclose(run.predict_proba(X), expected, atol=1e-6)
    assert run.predict(X) == [run.classes[k] for k in expected.argmax(1)]
    for file in ("x.npy", "x.npz"):
        np.testing.assert_allclose(by_class(run, predict_files(run, [tmp_path / file])), expected, atol=1e-6)
    np.testing.assert_allclose(asked(run, tmp_path / "x.npy", capsys), expected, atol=1e-6)


@pytest.mark.parametrize(("name", "form"), CELLS)
def test_evaluations_are_the_same_in_every_form(runs, name, form, tmp_path):
    """Without the last example, for data that are equal to those of the training are known by their fingerprint."""
    run, X = runs(name), MODALITIES[name].forms[form][:-1]
    probabilities, truth = run.predict_proba(MODALITIES[name].X[:-1]), Y[:-1]
    np.savez(tmp_path / "x.npz", X=np.asarray(X), y=NAMES[:-1])
    for data in ((X, NAMES[:-1]), tmp_path / "x.npz"):
        found = evaluate(run.path, data=data)
        assert (found["part"], found["n"]) == ("all examples", N - 1)
        assert found["accuracy"] == np.mean(probabilities.argmax(1) == truth)
        assert found["loss"] == pytest.approx(-np.log(probabilities[np.arange(N - 1), truth]).mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("name", "form"), [(name, form) for name, form in CELLS if name != "sequences" and form != "channels first"]
)
def test_estimators_answer_the_same_in_every_form(name, form):
    X = MODALITIES[name].forms[form]
    X = X.to_numpy() if form == "DataFrame" else X  # of other names of columns scikit-learn warns itself
    expected = fitted(name).predict_proba(MODALITIES[name].X)
    np.testing.assert_allclose(fitted(name).predict_proba(X), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "form"),
    [(name, form) for name, form in CELLS if not (name == "pictures of bytes" and form in (*FLOATS, "channels first"))
     and form != "channels first"],
)  # fmt: skip
def test_training_on_every_form_is_the_same(name, form):
    """But for floats from 0 to 255, which are taken as they are unless data.units says bytes."""
    one = MODALITIES[name]
    reading = DataConfig(form="pictures" if one.X.ndim == 4 else one.form)
    assert (
        load((one.forms[form], NAMES), data_config=reading).fingerprint
        == load((one.X, NAMES), data_config=reading).fingerprint
    )


def test_picture_files_answer_as_their_arrays_do(runs, tmp_path, capsys):
    run, one = runs("pictures of bytes"), MODALITIES["pictures of bytes"]
    for number, picture in enumerate(one.X):
        folder = tmp_path / "folder" / NAMES[number]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture[..., 0]).save(folder / f"{number}.png")
    files = [tmp_path / "folder" / NAMES[number] / f"{number}.png" for number in range(N)]
    expected = run.predict_proba(one.X)
    np.testing.assert_allclose(by_class(run, predict_files(run, files)), expected, atol=1e-6)
    np.testing.assert_allclose(asked(run, files[5], capsys), expected[5:6], atol=1e-6)
    found = evaluate(run.path, data=tmp_path / "folder")
    assert found["accuracy"] == np.mean(expected.argmax(1) == Y)
    as_unit = runs("pictures from 0 to 1")
    np.testing.assert_allclose(
        by_class(as_unit, predict_files(as_unit, files)), as_unit.predict_proba(one.X / 255), atol=1e-6
    )


# Tables and texts


COLUMNS = {
    "table": {
        "size": (drawn(0, 90, 1)[:, 0] / 4).round(2),
        "rooms": drawn(1, 40, 1)[:, 0],
        "colour": np.array(["red", "green", "blue"])[(Y + np.arange(N) // 5) % 3],
        "new": np.arange(N) % 4 == Y,
    },
    "text": {
        "said": np.array([f"{a} {b} the {c}" for a in ("good", "bad", "odd", "old") for b in ("was", "is")
                          for c in ("film", "book", "song")]),
        "stars": drawn(0, 9, 1)[:, 0],
    },
}  # fmt: skip
"""Columns that tell the class; one is of words."""
READING = {"table": {}, "text": {"data": {"text": "said"}}}


def written(columns: dict[str, np.ndarray], folder: Path) -> dict[str, Path]:
    """Files of the same columns."""
    table = pd.DataFrame(columns)
    folder.mkdir(exist_ok=True)
    files = {name: folder / name for name in ("commas.csv", "tabs.csv", "table.tsv", "table.parquet")}
    table.to_csv(files["commas.csv"], index=False)
    table.to_csv(files["tabs.csv"], index=False, sep="\t")
    table.to_csv(files["table.tsv"], index=False, sep="\t")
    table.to_parquet(files["table.parquet"])
    return files


def in_memory(columns: dict[str, np.ndarray]) -> dict[str, Any]:
    """The same columns as a program may hold them."""
    frame = pd.DataFrame(columns)
    return {
        "mapping": columns,
        "lists": {name: values.tolist() for name, values in columns.items()},
        "objects": {name: values.astype(object) for name, values in columns.items()},
        "frame": frame,
        "another order": frame[frame.columns[::-1]],
        "nullable frame": frame.convert_dtypes(),
        "arrow": pa.Table.from_pandas(frame),
        "records": frame.to_records(index=False),
    }


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    root = tmp_path_factory.mktemp("tables")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(root / "state"))
        runs = {}
        for name, columns in COLUMNS.items():
            file = written({**columns, "class": NAMES}, root / f"{name}-data")["commas.csv"]
            settings = {"epochs": 3, "learning_rate": 0.01, "quiet": True}
            runs[name] = train(file, recipe=READING[name], out=root / name, **settings)
        yield runs


@pytest.mark.parametrize("name", COLUMNS)
def test_tables_give_the_same_predictions_in_every_form(tables, name, tmp_path, capsys):
    run, columns = tables[name], COLUMNS[name]
    files = written(columns, tmp_path)
    expected = run.predict_proba(files["commas.csv"])
    assert len(np.unique(expected.round(4))) > 5
    for form, X in {**in_memory(columns), **files}.items():
        np.testing.assert_allclose(run.predict_proba(X), expected, atol=1e-6, err_msg=form)
    for form, file in files.items():
        np.testing.assert_allclose(by_class(run, predict_files(run, [file])), expected, atol=1e-6, err_msg=form)
        np.testing.assert_allclose(asked(run, file, capsys), expected, atol=1e-6, err_msg=form)


@pytest.mark.parametrize("name", COLUMNS)
def test_tables_give_the_same_evaluation_in_every_form(tables, name, tmp_path):
    run = tables[name]
    columns = {key: values[:-1] for key, values in {**COLUMNS[name], "class": NAMES}.items()}
    probabilities = run.predict_proba(COLUMNS[name])[:-1]
    loss = -np.log(probabilities[np.arange(N - 1), Y[:-1]]).mean()
    for form, data in {**in_memory(columns), **written(columns, tmp_path)}.items():
        found = evaluate(run.path, data=data)
        assert (found["part"], found["n"]) == ("all examples", N - 1), form
        assert found["accuracy"] == np.mean(probabilities.argmax(1) == Y[:-1]), form
        assert found["loss"] == pytest.approx(loss, rel=1e-5), form


@pytest.mark.parametrize("name", COLUMNS)
def test_tables_are_learnt_the_same_in_every_form(name, tmp_path):
    columns = {**COLUMNS[name], "class": NAMES}
    reading = DataConfig(**READING[name].get("data", {}))
    forms = {**in_memory(columns), **written(columns, tmp_path)}
    forms.pop("another order")  # columns in another order are another training
    found = {form: load(data, data_config=reading).fingerprint for form, data in forms.items()}
    assert set(found.values()) == {found["commas.csv"]}, found
