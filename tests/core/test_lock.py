"""One process at a time owns a directory, and a dead one owns nothing."""

import json
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from luthier.core.errors import BadInput
from luthier.core.files import hold_lock, wait_for_lock

HOLD = """
import sys
from pathlib import Path
from luthier.core.files import hold_lock

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
