"""Largest resident size of `luthier train` on data of MNIST's size, from its start to the written result.

    python benchmarks/memory.py [--data DATA] [--rounds 3]

Without data, 60,000 random pictures to train on and 10,000 to test with.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="name or path of a data set")
    parser.add_argument("--rounds", type=int, default=3, help="runs, each in a process of its own")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = options.data or str(random_data(Path(folder)))
        sizes = [peak(data, Path(folder), number) / 1e6 for number in range(options.rounds)]
    from luthier.run.provenance import (
        environment,  # not before: Linux counts a parent's size at the start for the child's
    )

    env = environment()
    print(
        f"{env['processor']}, {env['threads']} threads, torch {env['torch']}, Python {env['python']}; n = {len(sizes)}"
    )
    print(f"peak resident size: {statistics.median(sizes):.0f} MB (lowest {min(sizes):.0f}, highest {max(sizes):.0f})")


def random_data(folder: Path) -> Path:
    """Write random pictures (70000, 28, 28) of bytes with labels; the last 10,000 are the test part."""
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (70_000, 28, 28), dtype=np.uint8), rng.integers(0, 10, 70_000)
    path = folder / "random.npz"
    np.savez(path, X=X[:60_000], y=y[:60_000], X_test=X[60_000:], y_test=y[60_000:])
    return path


def peak(data: str, folder: Path, number: int) -> int:
    """Train for one epoch in a child; return its largest resident size in bytes (POSIX)."""
    command = [sys.executable, "-m", "luthier", "train", data, "--epochs", "1", "--out", str(folder / f"run-{number}")]
    user = {**os.environ, "XDG_STATE_HOME": str(folder)}  # a benchmark's reads of the test part are not the user's
    child = subprocess.Popen([*command, "--quiet", "--json"], env=user, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"luthier train ended with status {os.waitstatus_to_exitcode(status)}")
    return usage.ru_maxrss if sys.platform == "darwin" else usage.ru_maxrss * 1024


if __name__ == "__main__":
    main()
