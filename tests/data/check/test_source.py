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


def test_what_is_missing_in_a_table_is_no_fault(tmp_path):
    lines = ["area,day,label", *(f"{k / 7},{'' if k % 5 else k},{'ill' if k % 3 else 'well'}" for k in range(60))]
    (tmp_path / "one.csv").write_text("\n".join(lines))
    report = examine(str(tmp_path / "one.csv"))
    assert not report.stops and "not-finite" not in {one.kind for one in report.findings}
