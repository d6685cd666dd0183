"""What is looked at: names, files, and files that cannot be read."""

import numpy as np
import pytest

from luthier.core.errors import BadInput
from luthier.data.check import examine
from luthier.data.config import DataConfig


@pytest.mark.parametrize("name", ["", "digts", "missing.npz", "no/such/folder"])
def test_what_is_not_there_is_bad_input(name):
    with pytest.raises(BadInput, match="must be a known name or an existing path"):
        examine(name)


def test_every_problem_of_a_file_is_a_finding(tmp_path):
    path = tmp_path / "bad.npz"
    np.savez(path, X=np.full((5, 3), np.nan), y=np.array([0.0, 1, np.nan, 1, 0]))
    report = examine(str(path))
    assert report.stops and report.as_json()["examples"] is None
    assert [one.kind for one in report.findings] == ["unusable", "unusable"]
    assert [one.remedy for one in report.findings] == ["mend or drop them", "drop such rows"]
    assert "finite" in report.findings[0].what and "missing" in report.findings[1].what


def test_a_named_set_is_as_it_was_published(rng, tmp_path, write_idx, idx_arrays, by_kind):
    for name in ("train", "t10k"):
        idx_arrays[f"{name}-images-idx3-ubyte"] = rng.integers(0, 256, (20, 7, 11), np.uint8)
        idx_arrays[f"{name}-labels-idx1-ubyte"] = np.arange(20, dtype=np.uint8) % 10
    images, tests = (idx_arrays[f"{part}-images-idx3-ubyte"] for part in ("train", "t10k"))
    images[2] = tests[2]
    write_idx(tmp_path / "mnist")
    severities = {}
    for name in ("mnist", str(tmp_path / "mnist")):
        found = by_kind(examine(name, tmp_path).findings)
        severities[name] = found["leak"].severity
        assert found["leak"].count == 1
    assert list(severities.values()) == ["warn", "stop"]


def test_what_is_missing_in_a_table_is_told_and_stops_nothing(tmp_path, by_kind):
    rows = [
        f"{'' if k % 7 == 0 else k * 0.37},{'' if k % 9 == 0 else 'uv'[k % 2]},{k * k % 61},{'xy'[k % 2]}"
        for k in range(61)
    ]
    (tmp_path / "flats.csv").write_text("\n".join(["area,city,floor,target", *rows]))
    report = examine(str(tmp_path / "flats.csv"))
    found = by_kind(report.findings)
    assert not report.stops and set(found) == {"missing-values"}
    assert found["missing-values"].severity == "note" and found["missing-values"].what.endswith(": area (9), city (7)")


def test_texts_of_other_lengths_and_rare_words_are_nothing_odd(tmp_path, rng):
    texts = [" ".join(rng.choice(["red", "blue", "old", "new"], 3 + k % 9)) + f" w{k}" for k in range(200)]
    rows = [f"{text},{k % 17},{'xy'[k % 2]}" for k, text in enumerate(texts)]
    (tmp_path / "reviews.csv").write_text("\n".join(["review,stars,target", *rows]))
    report = examine(str(tmp_path / "reviews.csv"))
    assert report.dataset.form == "text" and [one.kind for one in report.findings] == ["reading"]
    assert examine(str(tmp_path / "reviews.csv"), data_config=DataConfig(text="review")).findings == ()


def test_sequences_of_other_lengths_are_nothing_odd(tmp_path, rng):
    lengths = rng.integers(1, 7, 40)
    np.savez(tmp_path / "walks.npz", X=rng.normal(size=(40, 6, 3)), y=np.arange(40) % 2, lengths=lengths)
    report = examine(str(tmp_path / "walks.npz"))
    assert np.isnan(report.dataset.inputs).any() and report.findings == ()


def test_columns_of_a_table_are_called_by_their_names(tmp_path, by_kind):
    rows = [f"{k % 7 + 1000 * (k == 11)},{'Oslo' if k == 5 else 'Rome'},{'xy'[k % 2]}" for k in range(1000)]
    (tmp_path / "flats.csv").write_text("\n".join(["area,city,target", *rows]))
    found = by_kind([one for one in examine(str(tmp_path / "flats.csv")).findings if "label" not in one.kind])
    assert "(area)" in found["outlier"].what and found["outlier"].examples == (11,)
    assert found["near-constant-column"].what.endswith(": city")


def kinds(report):
    return [(one.severity, one.kind, one.what.removeprefix(f"{report.name}.csv: ")) for one in report.findings]


CREDITS = [f"A{k * k % 4},{k * 37 % 61},{k * 7919 % 1009 / 1000},A{30 + k % 5},{'12'[k % 3 == 0]}" for k in range(300)]


def test_a_table_without_a_header_is_told_beside_what_stops_it(tmp_path):
    """Nothing else is found: the target has a made name, which only the user knows."""
    path = tmp_path / "credit.csv"
    path.write_text("\n".join(CREDITS) + "\n\n")
    told = (
        "note", "reading",
        "the first row looks like the others, so that it is read as one of them and the columns are called column_0 to "
        "column_4",
    )  # fmt: skip
    report = examine(str(path))
    assert report.stops and [one[:2] for one in kinds(report)] == [("stop", "unusable"), told[:2]]
    assert (
        kinds(report)[1] == told
        and "none of column_0, column_1, column_2, column_3, column_4 is" in kinds(report)[0][2]
    )
    report = examine(str(path), data_config=DataConfig(target="column_4"))
    assert (kinds(report), len(report.dataset)) == ([told], 300)


def test_what_a_table_is_read_as_is_told_and_nothing_else(tmp_path):
    names = ["", "day", "glucose", "share", "who", "note", "kind", "target"]
    rows = [
        [f"{k % 150}", f"{1 + k % 12}/{1 + k % 28}/2020", "?" if k % 9 == 0 else f"{k * 37 % 101}.5",
         f"{k * 31 % 97}.5%", f"user{k}@mail.org", f"a note of {k} words", "abc"[k % 3], "ny"[k * k * 7919 % 1009 % 2]]
        for k in range(300)
    ]  # fmt: skip
    path = tmp_path / "visits.csv"
    path.write_text("\n".join(",".join(row) for row in [names, *rows]))
    report = examine(str(path))
    assert not report.stops
    told = [what.split(" is ")[0].split(" holds ")[0] for _, kind, what in kinds(report) if kind == "reading"]
    assert sorted(told) == sorted(f"column {name}" for name in ["column 0", "who", "day", "glucose", "share", "note"])
    assert [one[:2] for one in kinds(report) if one[1] != "reading"] == [("note", "missing-values")]
    assert {one[0] for one in kinds(report)} == {"note"}


def test_a_rare_category_is_no_column_that_hardly_varies(tmp_path):
    rows = [
        f"{'Rome' if k else 'Oslo'},{k % 17},{'xyz'[min(k, 2)] if k < 2 else 'z'},{'ab'[k % 2]}" for k in range(2_000)
    ]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["city,x,rare,target", *rows]))
    report = examine(str(path))
    assert [(one.kind, one.what.split(": ")[-1]) for one in report.findings if one.kind.endswith("column")] == [
        ("near-constant-column", "city, rare")
    ]
    rows = [f"{'Oslo' if k < 2 else ['Rome', 'Bonn'][k % 2]},{k % 17},{'ab'[k * k % 3 > 0]}" for k in range(2_000)]
    path.write_text("\n".join(["city,x,target", *rows]))
    assert "near-constant-column" not in [one.kind for one in examine(str(path)).findings]


def test_counts_as_classes_name_regression_as_the_other_reading(tmp_path):
    rows = [f"{k % 17},{k * 31 % 23},{1 + min(k % 12, 11) if k else 29}" for k in range(200)]
    path = tmp_path / "rings.csv"
    path.write_text("\n".join(["a,b,target", *rows]))
    (stop,) = examine(str(path)).findings
    assert (
        stop.remedy
        == "add examples or drop the class, or set data.task = 'regression' where the numbers are counts or amounts"
    )
    assert not examine(str(path), data_config=DataConfig(task="regression")).stops


@pytest.mark.parametrize("word", ["None", "NA", "null"])
def test_a_class_that_is_called_as_what_is_missing_is_named(tmp_path, word):
    rows = [f"{k % 17},{['Mild', word, ''][min(k % 4, 1) if k else 2]}" for k in range(100)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["a,target", *rows]))
    (stop,) = examine(str(path)).findings
    assert stop.what.endswith(f"rows: 0, 1, 2, 3, 5, ..., of which some say {word}")
    assert stop.remedy == f'drop or fill them, or put a class of that name in quotes, as "{word}"'
    path.write_text("\n".join(["a,target", *(row.replace(word, f'"{word}"') for row in rows[1:])]))
    assert examine(str(path)).dataset.classes == tuple(sorted(["Mild", word]))
