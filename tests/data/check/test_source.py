"""What is looked at: names, files, and files that cannot be read."""

import numpy as np
import pytest

from luthier.core.errors import BadInput
from luthier.data.check import examine


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
    assert report.dataset.form == "text" and report.findings == ()


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
    assert found["near-constant-column"].what.endswith("city = Oslo, city = Rome")
