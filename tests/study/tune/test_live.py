"""The table that a terminal shows of a search."""

import os
import pty
import re
import subprocess
import sys

import numpy as np
import pytest

from luthier.testing.material import rows


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
