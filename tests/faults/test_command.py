"""The same through the command line: one line about what went wrong, a status that tells it, and `resume` goes on."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from .rig.state import digest, final, manifests, newest_step, temporaries, torn

TRAIN = ["train", "digits", "--model", "mlp", "--epochs", "40", "--quiet", "--json"]
FULL = 100_000
"""Bytes; the first checkpoint has more."""


def luthier(folder: Path, *arguments: str, **more: Any) -> "subprocess.Popen[str]":
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "XDG_STATE_HOME": str(folder / "state")}
    command = [sys.executable, "-m", "luthier", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True, **more)


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Exit status, standard output, standard error."""
    with process:
        out, err = process.communicate(timeout=100)
    return process.returncode, out, err


def fill_disk() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (FULL, FULL))


def test_a_full_disk(tmp_path: Path) -> None:
    root = tmp_path / "run"
    status, out, err = ended(luthier(tmp_path, *TRAIN, "--out", str(root), preexec_fn=fill_disk))
    assert (status, out) == (1, "")
    (line,) = err.splitlines()
    assert line.startswith("luthier: ")
    assert "File too large" in line
    assert str(root / "checkpoints") in line
    assert (torn(root), temporaries(root)) == ([], [])


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("straight")
    status, _, err = ended(luthier(folder, *TRAIN, "--out", str(folder / "run")))
    assert (status, err) == (0, "")
    return folder / "run"


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGTERM,
        pytest.param(signal.SIGINT, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, marks=pytest.mark.slow),
    ],
    ids=lambda number: number.name,
)
def test_a_signal(straight: Path, tmp_path: Path, number: signal.Signals) -> None:
    root = tmp_path / "run"
    process = luthier(tmp_path, *TRAIN, "--out", str(root))
    while newest_step(root) == 0 and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(number)
    status, out, err = ended(process)
    assert (status, out) == (128 + number, "")
    step = newest_step(root)
    assert err == f"luthier: interrupted at step {step}; the state is saved; go on with: luthier resume {root}\n"
    assert step < int(manifests(straight)[-1].stem.removeprefix("step-"))
    status, out, err = ended(luthier(tmp_path, "resume", str(root), "--quiet", "--json"))
    assert (status, err) == (0, "")
    assert json.loads(out)["epochs"] == 40
    assert final(digest(root)) == final(digest(straight))
