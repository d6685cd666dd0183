"""The file of rows, and the places in a run directory."""

import json
from hashlib import sha256

import pytest

from luthier.core.errors import DamagedFile
from luthier.core.files import write_sealed
from luthier.run import RunPaths, is_unused
from luthier.run.directory import archive
from luthier.run.history import History, check_begins


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.jsonl"


def test_rows_are_added_one_a_line(path):
    history = History(path, 0)
    history.append([{"step": 1, "loss": 0.5}, {"step": 2}])
    history.append([])
    history.append([{"step": 3}])
    history.sync()
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"step": 1, "loss": 0.5},
        {"step": 2},
        {"step": 3},
    ]
    assert history.size == path.stat().st_size


def test_what_was_written_after_the_checkpoint_is_cut_off(path):
    history = History(path, 0)
    history.append([{"step": 1}])
    kept = history.size
    history.append([{"step": 2}])
    path.write_bytes(path.read_bytes() + b'{"step": 3, "lo')
    History(path, kept).append([{"step": 4}])
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [1, 4]


def test_a_mark_fits_all_that_begins_with_it(path):
    history = History(path)
    history.append([{"step": 1}])
    mark = history.mark()
    assert mark == {"bytes": 12, "sha256": sha256(path.read_bytes()).hexdigest()}
    history.append([{"step": 2}])
    check_begins(path, mark)
    assert History(path, mark["bytes"]).mark() == mark


def test_a_file_that_does_not_begin_with_its_mark_is_damaged(path):
    history = History(path)
    history.append([{"step": 1}])
    content = path.read_bytes()
    path.write_bytes(content[:5])
    with pytest.raises(DamagedFile) as caught:
        check_begins(path, history.mark())
    assert str(caught.value) == f"{path} must hold the 12 bytes its checkpoint counts on, but holds 5"
    path.write_bytes(content.replace(b"1", b"2") + content)
    with pytest.raises(DamagedFile) as caught:
        check_begins(path, history.mark())
    assert str(caught.value) == f"{path} does not match the checksum in its checkpoint; it was altered"


def test_a_number_that_json_lacks_is_never_written(path):
    history = History(path, 0)
    with pytest.raises(ValueError, match="not JSON compliant"):
        history.append([{"step": 1}, {"loss": float("nan")}])
    assert path.read_bytes() == b"" and history.size == 0


def test_a_result_is_set_aside_with_its_model(tmp_path):
    paths = RunPaths(tmp_path)
    archive(paths)
    assert not list(tmp_path.iterdir())
    write_sealed(paths.result, {"recipe_hash": "0123456789abcdef" * 4})
    paths.model.write_bytes(b"weights")
    archive(paths)
    assert (tmp_path / "model-0123456789ab.safetensors").read_bytes() == b"weights"
    assert (tmp_path / "result-0123456789ab.json").is_file() and not paths.result.exists()


def test_where_nothing_lies_is_unused(tmp_path):
    assert is_unused(tmp_path) and is_unused(tmp_path / "missing")
    (tmp_path / "recipe.toml").touch()
    (tmp_path / "dangling").symlink_to("nowhere")
    assert not is_unused(tmp_path) and not is_unused(tmp_path / "recipe.toml") and not is_unused(tmp_path / "dangling")
