"""A terminal shows a live table, a signal ends with its own status and the state saved."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from luthier.study.verify import fsck

TRAIN = [sys.executable, "-m", "luthier", "train", "digits"]
PATIENCE = 120


def read_all(terminal: int) -> str:
    """Everything that is written to the other end until it is closed."""
    content, end = b"", time.monotonic() + PATIENCE
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 1)
        if not ready:
            continue
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # Linux reports the closed end so
            break
        if not piece:
            break
        content += piece
    return content.decode()


@pytest.mark.slow
def test_a_terminal_shows_one_live_table_and_a_pipe_the_result(here):
    terminal, end = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "140"}
    command = [*TRAIN, "--epochs", "3", "--out", "run", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=end, text=True, env=environment) as process:
        os.close(end)
        shown = read_all(terminal)
        out, _ = process.communicate(timeout=PATIENCE)
    os.close(terminal)
    assert process.returncode == 0 and json.loads(out)["epochs"] == 3
    assert all(word in shown for word in ("3/3", "loss", "rate", "validation", "accuracy", "examples/s", "left"))
    assert "\x1b[2K" in shown and "\x1b[1A" in shown, "the table is written over"
    last = shown.rpartition("\x1b[1A")[2]
    assert "3/3" in last and "1/3" not in last and set("▁█") <= set(last), "one row with a curve"


@pytest.mark.slow
def test_a_pipe_gets_plain_lines_and_quiet_nothing(here):
    command = [*TRAIN, "--epochs", "2", "--json"]
    told = subprocess.run([*command, "--out", "run"], capture_output=True, text=True, check=True)
    assert [line.split("  ")[0] for line in told.stderr.splitlines()] == ["epoch 1/2", "epoch 2/2"]
    assert told.stderr.isascii() and "\x1b" not in told.stderr and "\r" not in told.stderr
    quiet = subprocess.run([*command, "--out", "other", "--quiet"], capture_output=True, text=True, check=True)
    assert quiet.stderr == "" and json.loads(quiet.stdout)["epochs"] == 2


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_with_its_status_and_the_state_saved(here, number):
    command = [*TRAIN, "--epochs", "100000", "--out", "run", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr.readline().startswith("epoch 1/100000")
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (128 + number, "")
    last = err.splitlines()[-1]
    assert last.startswith("luthier: interrupted at step ") and last.endswith("; go on with: luthier resume run")
    step = int(last.split()[4].rstrip(";"))
    assert (Path("run/checkpoints") / f"step-{step:09d}.json").is_file()
    assert fsck(Path("run")) == []
