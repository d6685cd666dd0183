"""The file of rows, and the places in a run directory."""

import json
from hashlib import sha256

import pytest

from luthier.core.errors import BadInput, DamagedFile
from luthier.core.files import write_sealed
from luthier.run import RunPaths, is_unused
from luthier.run.directory import archive
from luthier.run.history import History, check_begins, read_row, read_rows


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


def line(**values):
    return json.dumps({"kind": "train", "step": 1, "epoch": 0, **values}).encode() + b"\n"


DAMAGED = {
    "a byte": b"\x80" + line()[1:],
    "a number": b"5\n",
    "a list": b"[]\n",
    "no keys": b"{}\n",
    "brackets": b"[" * 100_000 + b"\n",
    "zeros": bytes(40) + b"\n",
    "an empty line": b"\n",
    "a text for a step": line(step="1"),
    "no step before a row of training": line(step=0),
    "a number without end": line(loss=1).replace(b": 1}", b": 1e999}"),
    "a number of 5,000 digits": line(loss=1).replace(b": 1}", b": " + b"9" * 5000 + b"}"),
    "a number of 400 digits": line(step=10**400),
    "health that is a list": line(health=[1]),
    "health of a layer that is a text": line(health={"body.1": {"gradient": "large"}}),
    "phases without seconds": line(seconds_by_phase={"forward": None}),
    "words that are a number": line(kind="diverged", message=5),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_line_that_is_no_row_is_named(path, damage):
    path.write_bytes(line() + DAMAGED[damage] + line(step=2))
    with pytest.raises(DamagedFile) as caught:
        read_rows(path)
    assert str(caught.value).startswith(f"{path} line 2 is not a row of a history; restore the file, or go on ")
    assert read_row(DAMAGED[damage]) is None


def test_rows_so_far_are_read_without_a_torn_end(path):
    assert read_rows(path) == []
    rows = [{"kind": "train", "step": 1, "epoch": 0, "loss": None}, {"kind": "diverged", "step": 0, "epoch": 0}]
    path.write_bytes(b"".join(json.dumps(row).encode() + b"\n" for row in rows) + line()[:-9])
    assert read_rows(path) == rows


def test_a_history_that_is_a_link_is_not_cut_off(path, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    path.symlink_to(victim)
    with pytest.raises(BadInput, match=r"history\.jsonl is a link"):
        History(path)
    assert victim.read_text() == "precious"


def test_a_history_that_was_taken_away_is_not_begun_anew(path):
    history = History(path)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        history.append([{"step": 1}])
    assert not path.exists()


@pytest.mark.parametrize("mark", ["../../../evil", "", "0123456789AB", None])
def test_the_name_of_what_is_set_aside_leads_nowhere_else(tmp_path, mark):
    paths = RunPaths(tmp_path / "run")
    paths.root.mkdir()
    write_sealed(paths.result, {"recipe_hash": mark})
    with pytest.raises(DamagedFile, match="does not name its recipe by a hash"):
        archive(paths)
    assert paths.result.is_file() and [one.name for one in tmp_path.iterdir()] == ["run"]
