"""Files of tables from training to prediction: without a header, with tabs, an index, dates and units."""

import json
import warnings

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

import luthier
from luthier.core.errors import BadInput, LuthierWarning
from luthier.data import DataConfig, load
from luthier.run.predict import predict_files

QUICK = {"epochs": 1, "quiet": True}
RNG = np.random.default_rng(0)
ROWS = [(f"A{k % 4}", f"{RNG.normal():.3f}", str(k * 7 % 31), "ny"[k * k % 3 > 0]) for k in range(120)]


def write(path, rows, mark=","):
    path.write_text("\n".join(map(mark.join, rows)) + "\n")
    return path


@pytest.mark.parametrize(("name", "mark"), [("t.tsv", "\t"), ("t.data", " "), ("t.csv", ", ")])
def test_a_network_of_a_file_without_a_header_takes_further_ones(tmp_path, name, mark):
    path = write(tmp_path / name, ROWS, mark)
    with pytest.warns(LuthierWarning, match="the first row looks like the others"):
        run = luthier.train(path, recipe={"data": {"target": "column_3"}}, out=tmp_path / "run", **QUICK)
    one = write(tmp_path / f"one{path.suffix}", ROWS[7:8], mark)
    bare = write(tmp_path / f"bare{path.suffix}", [row[:3] for row in ROWS[7:9]], mark)
    named = write(tmp_path / f"named{path.suffix}", [tuple(f"column_{k}" for k in range(4)), ROWS[7]], mark)
    answers = [row["probability"] for row in predict_files(run, [one, bare, named, path])]
    assert len(answers) == 1 + 2 + 1 + 120
    assert answers[0] == pytest.approx(answers[1]) == pytest.approx(answers[3]) == pytest.approx(answers[4 + 7])
    assert luthier.api.evaluate(run.path, data=path)["accuracy"] == run.result["test"]["accuracy"]


def test_a_column_less_in_front_is_no_shift(tmp_path):
    path = write(tmp_path / "t.csv", [(row[3], *row[:3]) for row in ROWS])
    with pytest.warns(LuthierWarning, match="the first row looks like the others"):
        run = luthier.train(path, recipe={"data": {"target": "column_0"}}, out=tmp_path / "run", **QUICK)
    with pytest.raises(BadInput, match="must have all 4 columns in their order, the target column_0 among them"):
        predict_files(run, [write(tmp_path / "less.csv", [row[:3] for row in ROWS])])


def test_an_index_that_gives_the_target_away_is_not_read(tmp_path):
    """One with a name too, which pandas notes in the file."""
    order = RNG.permutation(120)
    for name in ("__index_level_0__", "visit"):
        table = pyarrow.table({"x": RNG.normal(size=120), name: order, "label": np.where(order < 60, "a", "b")})
        noted = {"pandas": json.dumps({"index_columns": [name]})}
        parquet.write_table(table.replace_schema_metadata(noted), tmp_path / "t.parquet")
        with pytest.warns(LuthierWarning, match=f"column {name} is left out: it numbers the rows as the index of a fr"):
            run = luthier.train(tmp_path / "t.parquet", out=tmp_path / name, **QUICK)
        assert run.table.names == ("x",)


def test_dates_and_units_are_read_alike_later(tmp_path):
    names = ("day", "share", "target")
    rows = [(f"{1 + k % 12}/{1 + k % 28}/2020", f"{k * 31 % 97}.5%", "ny"[k % 2]) for k in range(120)]
    path = write(tmp_path / "t.csv", [names, *rows])
    with pytest.warns(LuthierWarning, match="column (day|share) is read as"):
        run = luthier.train(path, out=tmp_path / "run", **QUICK)
    whole = run.predict_proba(path)
    one = run.predict_proba(write(tmp_path / "one.csv", [names, rows[1]]))  # 2/2/2020, which alone could be either
    iso = run.predict_proba({"day": ["2020-02-02"], "share": ["31.5%"]})
    np.testing.assert_allclose(one, whole[1:2], rtol=1e-5)
    np.testing.assert_allclose(iso, whole[1:2], rtol=1e-5)
    with pytest.raises(BadInput, match=r"column share must hold numbers in %, but 1 values are not: 0.315 in row 0"):
        run.predict({"day": ["2020-02-02"], "share": [0.315]})
    with pytest.raises(
        BadInput, match=r"column day must hold dates \(m/d/Y or ISO 8601\), but .* '31/12/2020' in row 0"
    ):
        run.predict({"day": ["31/12/2020"], "share": ["1%"]})


def test_extra_and_unlabelled_rows_are_read_alike(tmp_path):
    names = [f"column_{k}" for k in range(4)]
    more, bare = write(tmp_path / "more.tsv", ROWS[:9], "\t"), write(tmp_path / "bare.data", ROWS[9:16], " ")
    data_config = DataConfig(target="column_3")
    for rows in (ROWS, [names, *ROWS]):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*the first row looks like the others")
            dataset = load(write(tmp_path / "t.csv", rows), data_config=data_config, extra=more, unlabelled=bare)
        assert len(dataset) == 129 and dataset.extra.sum() == 9
        np.testing.assert_array_equal(dataset.inputs[120:], dataset.inputs[:9])
        np.testing.assert_array_equal(dataset.unlabelled.inputs, dataset.inputs[9:16])


def test_a_header_is_for_texts(tmp_path):
    columns = {"x": np.arange(40.0), "target": np.arange(40) % 2}
    with pytest.raises(
        BadInput, match=r"data\.header = False is for tables as text, but columns from memory name their"
    ):
        luthier.train(columns, recipe={"data": {"header": False}}, **QUICK)
