"""Further rows of a table are read as its columns were learnt, in every form, whatever stands beside them."""

import datetime as dt
import json
import warnings

import numpy as np
import pandas
import pytest

import luthier
from luthier.cli import main
from luthier.core.errors import BadInput, LuthierWarning
from luthier.data import load
from luthier.recipe.resolve import resolve
from luthier.run.predict import predict_files

SMALL = {"model": {"name": "mlp", "depth": 1, "width": 4}, "epochs": 2, "quiet": True}
COUNT = 60


@pytest.fixture(scope="module")
def frame():
    """Visits with a column of every kind."""
    rng = np.random.default_rng(0)
    days = np.datetime64("2020-01-01") + rng.integers(0, 900, COUNT).astype("m8[D]")
    late = days > np.datetime64("2021-03-01")
    return pandas.DataFrame(
        {
            "id": [f"{k:03}" for k in range(COUNT)],
            "when": days.astype("M8[ns]"),
            "flag": rng.random(COUNT) > 0.5,
            "size": rng.normal(size=COUNT).round(3),
            "smoker": rng.integers(0, 2, COUNT),
            "city": rng.choice(["Rome", "Oslo"], COUNT),
            "target": np.where(late, "late", "soon"),
        }
    )


@pytest.fixture(scope="module")
def visits(frame, tmp_path_factory):
    """A run on the file that holds them, and its answers."""
    folder = tmp_path_factory.mktemp("visits")
    frame.to_csv(folder / "t.csv", index=False)
    with warnings.catch_warnings(action="ignore", category=LuthierWarning):
        run = luthier.train(folder / "t.csv", out=folder / "run", **SMALL)
    return run, run.predict_proba(folder / "t.csv"), folder


def columns(frame, **changed):
    return {**{name: frame[name].tolist() for name in frame}, **changed}


def test_a_frame_is_read_by_name(visits, frame, tmp_path):
    run, expected, _ = visits
    inputs = frame.drop(columns=["target", "id"])
    forms = {
        "frame": frame,
        "other order": inputs[inputs.columns[::-1]],
        "nullable": inputs.convert_dtypes(),
        "categorical": inputs.astype({"city": "category"}),
        "records": inputs.astype({"when": "M8[us]"}).to_records(index=False),
        "texts": inputs.astype(str),
    }
    frame.to_parquet(tmp_path / "t.parquet")
    with warnings.catch_warnings(action="error"):
        for name, form in (*forms.items(), ("parquet", tmp_path / "t.parquet")):
            np.testing.assert_array_equal(run.predict_proba(form), expected, name)


DATES = {
    "ns": lambda days: days,
    "days": lambda days: days.astype("M8[D]"),
    "dates": lambda days: days.astype("M8[D]").tolist(),
    "times": lambda days: [dt.datetime.combine(day, dt.time()) for day in days.astype("M8[D]").tolist()],
    "zones": lambda days: pandas.Series(days).dt.tz_localize("UTC"),
    "texts": lambda days: [f" {day}T00:00" for day in days.astype("M8[D]")],
}


@pytest.mark.parametrize("form", DATES)
def test_dates_from_memory_are_those_of_the_file(visits, frame, form):
    run, expected, _ = visits
    given = columns(frame, when=DATES[form](frame["when"].to_numpy()))
    np.testing.assert_array_equal(run.predict_proba(given), expected)


BOOLEANS = {
    "array": np.asarray,
    "list": list,
    "texts": lambda flags: [str(one) for one in flags],
    "lower": lambda flags: [f" {one} ".lower() for one in flags],
    "upper": lambda flags: [str(one).upper() for one in flags],
    "whole": lambda flags: np.asarray(flags, np.int8),
    "floats": lambda flags: np.asarray(flags, float),
}


@pytest.mark.parametrize("form", BOOLEANS)
@pytest.mark.parametrize("column", ["flag", "smoker"])
def test_booleans_from_memory_are_those_of_the_file(visits, frame, column, form):
    """Also where the file has 0 and 1 for them."""
    run, expected, _ = visits
    given = columns(frame, **{column: BOOLEANS[form]([bool(one) for one in frame[column]])})
    with warnings.catch_warnings(action="error"):
        np.testing.assert_array_equal(run.predict_proba(given), expected)


def test_numbers_are_no_dates(visits, frame):
    run, *_ = visits
    with pytest.raises(BadInput, match=r"column when must hold dates \(ISO 8601\), but 60 values are not: "):
        run.predict(columns(frame, when=frame["when"].astype("int64").to_numpy()))


def test_missing_columns_are_refused_and_others_told(visits, frame):
    run, expected, _ = visits
    with pytest.raises(BadInput) as caught:
        run.predict(frame.rename(columns={"size": "width", "city": "town"}))
    assert [problem.split(",")[0] for problem in caught.value.problems] == [
        f"the table must have the column {name}" for name in ("size", "city")
    ]
    with pytest.warns(LuthierWarning) as told:
        found = run.predict_proba(frame.assign(target="?", more=1, other="x"))
    np.testing.assert_array_equal(found, expected)
    assert [str(one.message) for one in told] == [
        "columns that the network was not trained on are ignored: more, other"
    ]


def test_numbers_by_position_are_taken_as_before(visits):
    run, expected, folder = visits
    inputs = load(folder / "t.csv", data_config=run.recipe.data, schema=run.table).inputs
    np.testing.assert_array_equal(run.predict_proba(inputs.astype(np.float64)), expected)
    for other in (np.zeros((2, 3)), np.full((2, inputs.shape[1]), 1e300), np.full((2, inputs.shape[1]), "a")):
        with pytest.raises(BadInput, match="its 7 numbers a row, each finite in float32 or NaN"):
            run.predict(other)
    masked = np.ma.array(inputs, mask=np.zeros(inputs.shape, bool))
    masked[0, 0] = np.ma.masked
    inputs[0, 0] = np.nan
    np.testing.assert_array_equal(run.predict_proba(masked), run.predict_proba(inputs))


def test_one_row_has_one_answer_whatever_stands_beside_it(visits, frame, tmp_path):
    run, expected, _ = visits
    for k in (0, 7):
        np.testing.assert_allclose(run.predict_proba(frame.iloc[[k]])[0], expected[k], rtol=1e-6)
    odd = {"id": "x", "when": "1999-09-09", "flag": "Perhaps", "size": "", "smoker": "", "city": "Rome"}
    frame.drop(columns="target").to_csv(tmp_path / "more.csv", index=False)
    with (tmp_path / "more.csv").open("a") as file:
        file.write(",".join(odd.values()) + "\n")
    with pytest.warns(LuthierWarning, match="column flag has categories that the network does not know, Perhaps; "):
        np.testing.assert_array_equal(run.predict_proba(tmp_path / "more.csv")[:COUNT], expected)


@pytest.mark.parametrize("values", [("True", "False", "Unknown"), ("true", "false"), ("Y", "N"), ("yes", "no", "?")])
def test_a_part_of_the_values_is_read_as_all_of_them(values, tmp_path):
    """True and False of a column that held more than these, too."""
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame({"x": rng.normal(size=40), "flag": rng.choice(values, 40)})
    told = (frame["flag"] == values[0]) ^ (rng.random(40) < 0.2)  # the flag alone would give the target away
    frame.assign(target=np.where(told, "a", "b")).to_csv(tmp_path / "t.csv", index=False)
    run = luthier.train(tmp_path / "t.csv", out=tmp_path / "run", **SMALL)
    expected, some = run.predict_proba(frame), frame["flag"].isin(values[:2])
    with warnings.catch_warnings(action="error"):
        for form in (frame[some], frame[some].assign(flag=frame["flag"][some] == values[0])):
            np.testing.assert_allclose(run.predict_proba(form), expected[some], rtol=1e-6)


def test_what_names_the_rows_is_carried_into_the_answers(visits, frame, tmp_path):
    run, expected, _ = visits
    assert run.table.row_names == ("id",)
    shuffled = frame.sample(frac=1, random_state=0)
    shuffled.to_csv(tmp_path / "t.csv", index=False)
    shuffled.drop(columns="id").to_parquet(tmp_path / "without.parquet", index=False)
    found = predict_files(run, [tmp_path / "t.csv", tmp_path / "without.parquet"])
    assert [one.get("id") for one in found] == [*shuffled["id"], *[None] * COUNT]
    assert [one["file"] for one in found[:2]] == [f"{tmp_path}/t.csv#0", f"{tmp_path}/t.csv#1"]
    np.testing.assert_allclose(
        [one["probability"] for one in found[:COUNT]], expected[shuffled.index].max(1), rtol=1e-6
    )


def test_the_command_line_shows_what_names_the_rows(visits, frame, tmp_path, capsys):
    run, *_ = visits
    frame.head(3).to_csv(tmp_path / "t.csv", index=False)
    for more in ([], ["--json"]):
        with pytest.raises(SystemExit) as caught:
            main(["predict", str(run.path), str(tmp_path / "t.csv"), *more])
        assert caught.value.code == 0
        told = capsys.readouterr().out
        if more:
            assert [one["id"] for one in json.loads(told)["predictions"]] == ["000", "001", "002"]
        else:
            assert [line.split()[:2] for line in told.splitlines()] == [
                ["file", "id"], *([f"{tmp_path}/t.csv#{k}", f"00{k}"] for k in range(3))
            ]  # fmt: skip


def test_a_run_is_not_gone_on_with_on_swapped_columns(tmp_path):
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame(rng.normal(size=(40, 2)), columns=["a", "b"]).assign(target=["x", "y"] * 20)
    frame.to_csv(tmp_path / "t.csv", index=False)
    run = luthier.train(tmp_path / "t.csv", out=tmp_path / "run", **SMALL)
    assert run.recipe.data.columns == ("a", "b")
    swapped = frame.rename(columns={"a": "b", "b": "a"})
    swapped.to_csv(tmp_path / "t.csv", index=False)
    other = luthier.train(tmp_path / "t.csv", out=tmp_path / "other", **SMALL)
    assert other.recipe.data.fingerprint == run.recipe.data.fingerprint, "the test part stays what it was"
    assert other.recipe.hash() != run.recipe.hash()
    with pytest.raises(BadInput) as caught:
        luthier.resume(run.path, epochs=3, quiet=True)
    assert caught.value.problems == (
        "the recipe was made for columns a, b, but t has b, a; restore their names and order",
    )
    with pytest.raises(BadInput, match="the recipe was made for data with fingerprint"):
        luthier.api.evaluate(run.path)


def test_a_run_that_noted_no_columns_keeps_its_hash_and_goes_on(tmp_path):
    frame = pandas.DataFrame({"a": np.random.default_rng(0).normal(size=40), "target": ["x", "y"] * 20})
    frame.to_csv(tmp_path / "t.csv", index=False)
    run = luthier.train(tmp_path / "t.csv", out=tmp_path / "run", **SMALL)
    earlier = run.recipe.model_copy(update={"data": run.recipe.data.model_copy(update={"columns": None})})
    resolved = resolve(earlier, load(tmp_path / "t.csv"))
    assert resolved == earlier and resolved.hash() == earlier.hash() != run.recipe.hash()


def test_a_column_that_was_constant_weighs_nothing(tmp_path):
    """Whatever it holds later; in the training rows only, or a category of which there was one."""
    frame = pandas.DataFrame({"x": np.random.default_rng(0).normal(size=40), "target": ["x", "y"] * 20})
    frame["part"] = ["train"] * 30 + ["valid"] * 5 + ["test"] * 5
    frame["late"] = [None, 7.0] * 15 + [9.0] * 10
    frame["kind"] = ["a", None] * 15 + ["b"] * 10
    frame.to_csv(tmp_path / "t.csv", index=False)
    run = luthier.train(tmp_path / "t.csv", out=tmp_path / "run", **SMALL)
    assert run.table.names == ("x", "late", "kind")
    given = {"x": [0.5] * 3, "late": [7.0, 1e6, -3.0], "kind": ["a"] * 3}
    assert len(np.unique(run.predict_proba(given), axis=0)) == 1


def test_columns_from_memory_are_trained_and_evaluated_on(frame, visits, tmp_path):
    run, expected, _ = visits
    with warnings.catch_warnings(action="ignore", category=LuthierWarning):
        again = luthier.train(frame, out=tmp_path / "run", **SMALL)
    assert again.recipe.data.source == "arrays" and again.recipe.hash() == run.recipe.hash()
    np.testing.assert_array_equal(again.predict_proba(frame), expected)
    rest = frame.head(30)
    rest.to_csv(tmp_path / "rest.csv", index=False)
    found = [luthier.api.evaluate(run.path, data=data) for data in (rest, columns(rest), tmp_path / "rest.csv")]
    assert found[0]["n"] == 30 and found[0]["loss"] == found[1]["loss"] == found[2]["loss"]


def test_classes_of_a_later_file_are_the_same_texts(tmp_path):
    x = np.random.default_rng(0).normal(size=60)
    names = {"codes": ["1E1", "10", "2E5"], "zeros": ["01", "02", "10"], "mixed": ["01", "02", "A1"]}
    for name, classes in names.items():
        pandas.DataFrame({"x": x, "target": classes * 20}).to_csv(tmp_path / "t.csv", index=False)
        with warnings.catch_warnings(action="ignore", category=LuthierWarning):
            run = luthier.train(tmp_path / "t.csv", out=tmp_path / name, **SMALL)
        assert sorted(run.classes) == sorted(classes) and set(run.predict({"x": x})) <= set(classes)
    (tmp_path / "later.csv").write_text("x,target\n1,01\n2,02\n3,01\n")
    assert luthier.api.evaluate(tmp_path / "mixed", data=tmp_path / "later.csv")["n"] == 3
    (tmp_path / "later.csv").write_text("x,target\n1,1\n2,02\n3,01\n")
    with pytest.raises(BadInput, match="the data's classes must be the run's, but 1 are not"):
        luthier.api.evaluate(tmp_path / "mixed", data=tmp_path / "later.csv")


def test_a_run_of_an_earlier_version_answers_as_it_did(visits, frame):
    """Its schema notes no readings: numbers or dates, true and false in lower case."""
    run, expected, _ = visits
    noted = run.table.dump()
    for column in noted["columns"]:
        del column["reading"]
    del noted["roles"]
    earlier = luthier.Run(run.path)
    earlier.metadata["table"] = noted
    np.testing.assert_array_equal(earlier.predict_proba(frame), expected)
    days = (frame["when"] - pandas.Timestamp("1970-01-01")) / pandas.Timedelta(days=1)
    np.testing.assert_array_equal(earlier.predict_proba(frame.assign(when=days)), expected)


def test_a_frame_of_numbers_beside_labels_is_read_by_name_later(tmp_path):
    """The rows are plain arrays, but their columns have names."""
    rng = np.random.default_rng(0)
    X = pandas.DataFrame(rng.normal(size=(40, 3)), columns=["b", "a", "c"])
    y = np.where(X["b"] > 0, "x", "y")
    run = luthier.train((X, y), out=tmp_path / "run", **SMALL)
    plain = luthier.train((X.to_numpy(), y), out=tmp_path / "plain", **SMALL)
    assert (run.recipe.data.columns, plain.recipe.data.columns) == (("b", "a", "c"), None)
    assert run.result["fingerprint"] == plain.result["fingerprint"]
    expected = plain.predict_proba(X)
    np.testing.assert_array_equal(run.predict_proba(X.to_numpy()), expected)
    for form in (X, X[["a", "b", "c"]], {name: X[name] for name in "cab"}):
        np.testing.assert_array_equal(run.predict_proba(form), expected)
    with pytest.warns(LuthierWarning, match="columns that the network was not trained on are ignored: d"):
        np.testing.assert_array_equal(run.predict_proba(X.assign(d=1)[["d", "a", "b", "c"]]), expected)
    with pytest.raises(BadInput, match="the table must have the column b, but has age, a, c; add it"):
        run.predict(X.rename(columns={"b": "age"}))
    with pytest.raises(
        BadInput, match="the run takes the columns b, a, c, but arrays has a, b, c; bring them to its or"
    ):
        luthier.api.evaluate(run.path, data=(X[["a", "b", "c"]], y))
    with pytest.raises(BadInput, match="extra examples must have the columns of the data in their order"):
        load((X, y), extra=(X[["a", "b", "c"]], y))
    with pytest.raises(BadInput, match="the recipe was made for columns b, a, c, but arrays has b, a, d"):
        luthier.resume(run.path, data=(X.rename(columns={"c": "d"}), y), epochs=3, quiet=True)
