"""Reads of a test part are counted per data set, for the user, over all processes."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from luthier.core.errors import LuthierWarning
from luthier.run.provenance import count_test_read


def test_each_read_counts_for_its_own_data(tmp_path):
    assert [count_test_read(mark, "runs/a") for mark in ("aa", "bb", "aa", "aa")] == [1, 1, 2, 3]


def test_the_notes_say_which_run_read_and_when(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    count_test_read("cc", "runs/näin")
    (line,) = (tmp_path / "luthier" / "test-reads" / "cc.jsonl").read_text().splitlines()
    note = json.loads(line)
    assert note["run"] == "runs/näin"
    assert abs(datetime.now(UTC) - datetime.fromisoformat(note["time"])) < timedelta(minutes=1)


def test_without_a_state_directory_the_home_is_used(tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert count_test_read("dd", "run") == 1
    assert (tmp_path / ".local/state/luthier/test-reads/dd.jsonl").is_file()


def test_reads_at_one_time_are_all_counted():
    with ThreadPoolExecutor(7) as pool:
        list(pool.map(lambda number: count_test_read("ee", f"run {number}"), range(29)))
    assert count_test_read("ee", "last") == 30


def test_where_nothing_can_be_noted_a_warning_says_so(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.warns(LuthierWarning) as warned:
        assert count_test_read("ff", "run") is None
    assert str(warned[0].message) == (
        f"reads of the test part are not counted: [Errno 20] Not a directory: '{tmp_path}/file/luthier/test-reads'; "
        "let XDG_STATE_HOME name a directory to write in"
    )


def test_a_user_without_a_home_is_told_and_goes_on(monkeypatch):
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setattr(Path, "home", nowhere)
    with pytest.warns(LuthierWarning, match="are not counted: Could not determine home directory"):
        assert count_test_read("f", "run") is None
