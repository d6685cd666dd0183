"""One process writes in a directory at a time, and stops where it is no longer its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from luthier.core.errors import BadInput, LostDirectory
from luthier.core.files import write_atomic
from luthier.core.lock import HELD, check_held, find_mark, hold_lock, require_lock, wait_for_lock

HOLD = """
import sys
from pathlib import Path
from luthier.core.lock import hold_lock

with hold_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that owns tmp_path until its input ends."""
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_refused_and_told_by_whom(tmp_path, holder):
    owner = json.loads((tmp_path / ".lock").read_bytes())
    assert owner["pid"] == holder.pid
    assert owner["host"] == socket.gethostname()
    assert abs(datetime.now(UTC) - datetime.fromisoformat(owner["started"])) < timedelta(minutes=5)
    with pytest.raises(BadInput) as caught, hold_lock(tmp_path):
        pytest.fail("two processes own one directory")
    assert str(caught.value) == (
        f"one process at a time may write a run, but {tmp_path} is in use by process {holder.pid} on {owner['host']} "
        f"(since {owner['started']}); "
        "wait for it or choose another --out"
    )
    assert json.loads((tmp_path / ".lock").read_bytes()) == owner


def test_the_lock_ends_with_its_block_in_the_other_process(tmp_path, holder):
    holder.communicate("")
    assert holder.returncode == 0
    with hold_lock(tmp_path):
        assert json.loads((tmp_path / ".lock").read_bytes())["pid"] == os.getpid()


def test_the_lock_dies_with_a_killed_process(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / ".lock").exists()
    with hold_lock(tmp_path):
        assert json.loads((tmp_path / ".lock").read_bytes())["pid"] == os.getpid()


def test_the_lock_ends_with_an_exception(tmp_path):
    with pytest.raises(ZeroDivisionError), hold_lock(tmp_path):
        raise ZeroDivisionError
    with hold_lock(tmp_path):
        pass


def test_one_process_cannot_own_a_directory_twice(tmp_path):
    with (
        hold_lock(tmp_path),
        pytest.raises(BadInput, match=f"is in use by process {os.getpid()} on "),
        hold_lock(tmp_path),
    ):
        pytest.fail("owned twice")


@pytest.mark.parametrize("signature", ["", '{"pid": 12', "[]", "12", '{"pid": 12}'])
def test_a_holder_that_left_no_name_is_another_process(tmp_path, holder, signature):
    (tmp_path / ".lock").write_text(signature)
    with pytest.raises(BadInput, match="is in use by another process; "), hold_lock(tmp_path):
        pytest.fail("two processes own one directory")


def test_a_shorter_owner_leaves_nothing_of_a_longer_one(tmp_path):
    (tmp_path / ".lock").write_text("x" * 500)
    with hold_lock(tmp_path):
        assert json.loads((tmp_path / ".lock").read_bytes())["pid"] == os.getpid()


def test_directories_are_owned_one_by_one(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with hold_lock(tmp_path / "a"), hold_lock(tmp_path / "b"):
        pass


def test_who_queues_is_told_for_whom_and_comes_next(tmp_path, holder):
    told = []

    def waiting(name):
        told.append(name.partition(" on ")[0])
        holder.send_signal(signal.SIGKILL)

    with wait_for_lock(tmp_path, waiting):
        assert json.loads((tmp_path / ".lock").read_bytes())["pid"] == os.getpid()
        with pytest.raises(BadInput, match="is in use by"), hold_lock(tmp_path):
            pytest.fail("owned twice")
    assert told == [f"process {holder.pid}"]


def test_nobody_waits_for_nobody(tmp_path):
    with wait_for_lock(tmp_path, pytest.fail):
        assert json.loads((tmp_path / ".lock").read_bytes())["pid"] == os.getpid()
    with hold_lock(tmp_path):
        pass


def replace(root):
    shutil.rmtree(root)
    root.mkdir()
    (root / ".lock").touch()


def move(root):
    root.rename(root.with_name("moved"))


def unlock(root):
    (root / ".lock").unlink()


def lock_anew(root):
    (root / ".lock").unlink()
    (root / ".lock").touch()


def swap(root):
    """Another directory takes the place, and the lock is moved into it."""
    root.rename(root.with_name("moved"))
    root.mkdir()
    (root.with_name("moved") / ".lock").rename(root / ".lock")


@pytest.mark.parametrize("happening", [replace, move, unlock, lock_anew, swap])
def test_a_directory_that_is_no_longer_ones_own_is_left_alone(tmp_path, happening):
    root = tmp_path / "run"
    root.mkdir()
    with hold_lock(root):
        write_atomic(root / "file", b"old")
        happening(root)
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        with pytest.raises(LostDirectory) as caught:
            write_atomic(root / "file", b"new")
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert str(caught.value) == (
        f"{root} must stay as it is while it is written in, but it was moved, removed or replaced, or its lock was; "
        "nothing was written there since; go on with what was saved, where it lies now, or begin anew elsewhere"
    )
    assert HELD == []


def test_a_directory_that_is_lost_during_a_write_gets_no_file_of_that_name(tmp_path, monkeypatch):
    root, real = tmp_path / "run", os.fsync
    root.mkdir()
    with hold_lock(root), monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: (real(descriptor), lock_anew(root)))
        with pytest.raises(LostDirectory):
            write_atomic(root / "file", b"new")
    assert not (root / "file").exists()


def test_what_lies_in_no_locked_directory_is_not_looked_at(tmp_path):
    root = tmp_path / "run"
    root.mkdir()
    with hold_lock(root):
        unlock(root)
        write_atomic(tmp_path / "file", b"x")
        check_held(tmp_path / "run-2" / "file")


def test_a_link_on_the_way_from_a_locked_directory_is_refused(tmp_path):
    root = tmp_path / "run"
    (tmp_path / "outside").mkdir()
    root.mkdir()
    (root / "below").symlink_to(tmp_path / "outside")
    with hold_lock(root), pytest.raises(BadInput) as caught:
        write_atomic(root / "below" / "file", b"x")
    assert str(caught.value) == (
        f"a folder that is written in must be no link, but {root / 'below'} leads to {tmp_path / 'outside'}; "
        "put what it leads to in its place"
    )
    assert list((tmp_path / "outside").iterdir()) == []


def test_the_lock_itself_is_no_way_out(tmp_path):
    root, victim = tmp_path / "run", tmp_path / "victim"
    root.mkdir()
    victim.write_text("precious")
    (root / ".lock").symlink_to(victim)
    for take in (hold_lock, lambda one: wait_for_lock(one, pytest.fail)):
        with pytest.raises(BadInput, match="lock is a link; put a copy in its place"), take(root):
            pytest.fail("the lock was taken")
    assert victim.read_text() == "precious"


def test_another_process_knows_the_directory_by_its_mark(tmp_path):
    assert find_mark(tmp_path) is None
    with hold_lock(tmp_path):
        mark = find_mark(tmp_path)
    require_lock(tmp_path, mark)
    lock_anew(tmp_path)
    (tmp_path / ".other").touch()
    with pytest.raises(LostDirectory):
        require_lock(tmp_path, [mark[0], mark[1] + 1])
    unlock(tmp_path)
    with pytest.raises(LostDirectory):
        require_lock(tmp_path, mark)
