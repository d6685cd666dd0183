"""Files are whole or absent, whatever fails while they are written."""

import hashlib
import json
import math
import os
import stat
import sys

import pytest

from luthier.core import files
from luthier.core.errors import BadInput, DamagedFile
from luthier.core.files import (
    SEAL,
    make_directory,
    make_zeros,
    read_json,
    read_sealed,
    sha256,
    sync_directory,
    write_atomic,
    write_json,
    write_sealed,
)

MORE_THAN_A_CHUNK = bytes(range(251)) * (files.CHUNK // 251 + 1)


def names(directory):
    return sorted(path.name for path in directory.iterdir())


@pytest.mark.parametrize("content", [b"", b"abc", MORE_THAN_A_CHUNK], ids=["empty", "short", "long"])
def test_the_content_is_written_and_its_checksum_returned(tmp_path, content):
    path = tmp_path / "file"
    assert write_atomic(path, content) == hashlib.sha256(content).hexdigest() == sha256(path)
    assert path.read_bytes() == content
    assert names(tmp_path) == ["file"]


def test_an_older_file_is_replaced(tmp_path):
    path = tmp_path / "file"
    write_atomic(path, b"the older and longer content")
    write_atomic(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_short_write_is_continued(tmp_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(files.os, "write", lambda descriptor, view: real(descriptor, view[:3]))
    write_atomic(tmp_path / "file", b"0123456789")
    assert (tmp_path / "file").read_bytes() == b"0123456789"


@pytest.mark.parametrize("failing", ["write", "fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_no_temporary_one(tmp_path, monkeypatch, failing):
    path = tmp_path / "file"
    write_atomic(path, b"old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, failing, fail)
    with pytest.raises(OSError, match="No space left"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_an_interruption_leaves_no_temporary_file(tmp_path, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(tmp_path / "file", b"new")
    assert names(tmp_path) == []


def test_what_the_disk_gives_back_is_compared_before_the_old_file_goes(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_atomic(path, b"old")
    real = os.write
    monkeypatch.setattr(files.os, "write", lambda descriptor, view: real(descriptor, bytes(len(view))))
    with pytest.raises(DamagedFile) as caught:
        write_atomic(path, b"new")
    assert str(caught.value) == f"{path} could not be written: what was read back differs; check the disk"
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_a_temporary_file_of_a_killed_process_is_no_obstacle(tmp_path):
    (tmp_path / ".file.tmp").write_bytes(b"half of someth")
    write_atomic(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"
    assert names(tmp_path) == ["file"]


def test_a_link_in_the_place_of_the_temporary_file_is_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / ".file.tmp").symlink_to(victim)
    write_atomic(tmp_path / "file", b"new")
    assert victim.read_bytes() == b"precious"
    assert not (tmp_path / "file").is_symlink()


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_the_mode_follows_the_umask(tmp_path, mask):
    before = os.umask(mask)
    try:
        write_atomic(tmp_path / "file", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o666 & ~mask


def test_file_and_directory_are_synced_in_the_right_order(tmp_path, monkeypatch):
    """Content before the name, the name before the directory."""
    calls = []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(descriptor):
        calls.append("directory" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        real_fsync(descriptor)

    def replace(*paths):
        calls.append("rename")
        real_replace(*paths)

    monkeypatch.setattr(files.os, "fsync", fsync)
    monkeypatch.setattr(files.os, "replace", replace)
    write_atomic(tmp_path / "file", b"x")
    assert calls == ["file", "rename", "directory"]


def test_no_descriptor_is_left_open(tmp_path, monkeypatch):
    opened, closed = [], []
    real_open, real_close = os.open, os.close
    monkeypatch.setattr(files.os, "open", lambda *a: opened.append(real_open(*a)) or opened[-1])
    monkeypatch.setattr(files.os, "close", lambda d: closed.append(d) or real_close(d))
    write_atomic(tmp_path / "file", b"x")
    sync_directory(tmp_path)
    assert len(opened) == 3
    assert opened == closed


def test_json_goes_there_and_back(tmp_path):
    value = {"b": [1, 2.5, None, True], "a": "ä\u2028"}
    path = tmp_path / "value.json"
    assert write_json(path, value) == sha256(path)
    assert read_json(path) == value
    text = path.read_text()
    assert text.endswith("}\n")
    assert text.index('"a"') < text.index('"b"')
    assert text == json.dumps(value, indent=2, sort_keys=True) + "\n"


@pytest.mark.parametrize("value", [math.nan, math.inf, object()], ids=["nan", "inf", "object"])
def test_what_json_cannot_hold_is_not_written(tmp_path, value):
    with pytest.raises((ValueError, TypeError)):
        write_json(tmp_path / "value.json", {"x": value})
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"a": 1', "Expecting ',' delimiter: line 1 column 8 (char 7)"),
        (b"", "Expecting value: line 1 column 1 (char 0)"),
        (b"\xff\xfe\xff", "'utf-16-le' codec can't decode byte 0xff in position 2: truncated data"),
    ],
)
def test_damaged_json_is_named(tmp_path, content, reason):
    path = tmp_path / "value.json"
    path.write_bytes(content)
    with pytest.raises(DamagedFile) as caught:
        read_json(path)
    assert str(caught.value) == f"{path} is not readable JSON ({reason}); restore it or start the run anew"


def test_json_nested_beyond_reason_is_damaged_and_no_crash(tmp_path):
    path = tmp_path / "value.json"
    path.write_bytes(b"[" * 200_000)
    with pytest.raises(DamagedFile):
        read_json(path)


def test_a_directory_is_made_with_its_parents_and_left_empty(tmp_path):
    path = tmp_path / "a" / "b" / "c"
    make_directory(path)
    assert names(path) == []
    make_directory(path)
    assert names(path) == []


def test_the_names_of_new_directories_are_synced_in_their_parents(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(files, "sync_directory", synced.append)
    make_directory(tmp_path / "a" / "b")
    assert {tmp_path, tmp_path / "a"} <= set(synced)
    synced.clear()
    make_directory(tmp_path / "a" / "b")
    assert tmp_path not in synced


def test_a_probe_that_fails_late_is_taken_away(tmp_path, monkeypatch):
    def fail(_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(files, "sync_directory", fail)
    assert "is not (Input/output error); " in refusal(tmp_path)
    assert names(tmp_path) == []


def refusal(path):
    with pytest.raises(BadInput) as caught:
        make_directory(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("below", "reason"), [("file", "File exists"), ("file/run", "Not a directory"), ("n" * 300, "File name too long")]
)
def test_a_place_where_no_directory_can_be_is_refused_at_once(tmp_path, below, reason):
    (tmp_path / "file").write_bytes(b"")
    path = tmp_path / below
    assert refusal(path) == (
        f"the output directory must be writable, but {path} is not ({reason}); choose another with --out"
    )


def test_an_existing_directory_that_takes_no_file_is_refused(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(files.os, "open", refuse)
    assert refusal(tmp_path) == (
        f"the output directory must be writable, but {tmp_path} is not (Read-only file system); "
        "choose another with --out"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is a directory that takes no file on Linux only")
@pytest.mark.parametrize("place", ["/proc", "/proc/luthier"])
def test_a_real_directory_that_takes_no_file_is_refused(place):
    sentence = refusal(files.Path(place))
    assert sentence.startswith(f"the output directory must be writable, but {place} is not (")
    assert sentence.endswith("); choose another with --out")


def test_a_file_for_which_there_is_no_room_is_refused_before_it_is_made(tmp_path):
    make_zeros(tmp_path / "small", 12345)
    assert (tmp_path / "small").read_bytes() == bytes(12345)
    with pytest.raises(OSError, match=f"No space left on device: '{tmp_path}/large'"):
        make_zeros(tmp_path / "large", 1 << 60)
    assert not (tmp_path / "large").exists()


def test_a_sealed_file_keeps_the_order_of_its_keys(tmp_path):
    """The order of augmentations is part of a recipe."""
    values = {"rotation": {"degrees": 5}, "blur": {"sigma": 1}, "_": 0}
    write_sealed(tmp_path / "file", values)
    found = read_sealed(tmp_path / "file")
    assert [*found] == [*values] and found == values


def test_a_sealed_file_of_the_first_kind_with_its_keys_by_name_is_still_read(tmp_path):
    values = {"b": 1, "a": [2, {"d": 3, "c": 4}]}
    encoded = json.dumps(values, indent=2, sort_keys=True) + "\n"
    seal = hashlib.sha256(encoded.encode()).hexdigest()
    text = json.dumps({**values, SEAL: seal}, indent=2, sort_keys=True) + "\n"
    (tmp_path / "file").write_text(text)
    assert read_sealed(tmp_path / "file") == values
    (tmp_path / "file").write_text(text.replace("1", "5", 1))
    with pytest.raises(DamagedFile):
        read_sealed(tmp_path / "file")
