"""A small round of `benchmarks/fuzz`: damaged inputs are read or refused in a line, by the readers and by commands."""

import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parents[2] / "benchmarks" / "fuzz"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="bounds the memory of a child")
def test_damaged_inputs_are_read_or_refused():
    ended = subprocess.run(
        [sys.executable, str(FUZZ), "--inputs", "1000", "--commands", "20"],
        capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr[-2000:]
    assert "readers: 1000 inputs" in ended.stdout and "commands: 20 inputs" in ended.stdout
