"""MNIST as its files are published: one epoch in little memory."""

import json
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_an_epoch_of_mnist_stays_below_800_megabytes(mnist_dir, tmp_path):
    command = [sys.executable, "-m", "luthier", "train", "mnist", "--epochs", "1", "--out", "run", "--json", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert result["test"]["n"] == 10_000 and abs(result["validation"]["n"] - 6_000) < 10
    assert result["parameters"] == 61_706 and result["test"]["accuracy"] > 0.95
    assert result["peak_memory_bytes"] < 800e6
