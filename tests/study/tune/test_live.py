"""The table that a terminal shows of a study."""

import os
import pty
import re
import subprocess
import sys

import numpy as np
import pytest
from rich.console import Console

from luthier.study.tune.progress import ProgressState, Running, render_table
from luthier.testing.material import rows

RUNNING = (Running("trial 7", 0, 2, 6, 0.875), Running("race-0003-seed-1234567890", 0, 0, 20, None))
STANDING = ProgressState(
    "search", (8, 24), {"diverged": 1, "finished": 2, "stopped": 4}, "accuracy", 0.9371, RUNNING, 75.0, 190.0
)


def text(standing, width=80):
    console = Console(width=width)
    with console.capture() as captured:
        console.print(render_table(standing))
    return [line.rstrip() for line in captured.get().splitlines()]


def test_it_says_what_ended_what_runs_and_the_time_in_80_columns():
    first, heading, one, other, last = text(STANDING)
    assert first == "search:  trial 8 of 24  2 finished  4 stopped  1 diverged  best 0.9371"
    assert heading.split() == ["running", "epoch", "accuracy"]
    assert one.split() == ["trial", "7", "2/6", "0.8750"]
    assert other.split() == ["race-0003-seed-1234567890", "0/20", "-"]
    assert last == "1 min 15 s so far, left about 3 min 10 s"


def test_before_anything_is_known_it_says_so():
    begun = ProgressState("search", (1, None), {}, "loss", None, (), 0.5, None)
    first, heading, last = text(begun)
    assert (first, heading.split()[-1], last) == (
        "search:  trial 1  best -",
        "loss",
        "0.5 s so far, left not known yet",
    )


def test_at_the_end_nothing_is_left():
    assert text(ProgressState("final run", (9, 9), {}, "loss", 0.5, (), 61.0, 0.0))[-1] == "1 min 1 s so far"


@pytest.mark.slow
def test_a_terminal_shows_one_table_that_is_written_over(tmp_path):
    data = rows(160)
    np.savez(tmp_path / "rows.npz", X=data.inputs, y=data.labels)
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "luthier", "tune", "rows.npz", "--model", "mlp", "--trials", "2", "--epochs", "2",
               "--workers", "1", "--race-seeds", "1", "--fresh-seeds", "0", "--out", "study", "--json"]  # fmt: skip
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=end, env=environment, cwd=tmp_path) as process:
        os.close(end)
        shown = _all_of(terminal)
        process.communicate(timeout=120)
    os.close(terminal)
    assert process.returncode == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
    assert plain.startswith("search: 2 trials of up to 2 epochs"), "the plan stands above"
    assert "\x1b[2K" in shown and "\x1b[1A" in shown, "the table is written over"
    assert all(word in plain for word in ("trial 0", "0/2", "so far", "left"))
    last = plain.rpartition("final run:")[2].splitlines()
    assert "2 finished" in last[0] and last[-1].endswith("so far"), last


def _all_of(terminal):
    content = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # Linux reports the closed end so
            return content.decode()
        if not piece:
            return content.decode()
        content += piece
