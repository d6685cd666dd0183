"""Time from the start of the process to the end of the first training step, beside a plain script and a bare import.

    python benchmarks/startup.py [--rounds 10]

The children run in turns, in a new random order each round. The first round only warms the disk and is not counted.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from luthier.run.provenance import environment

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10, help="starts of each that are counted")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        seconds = measured(rounds, Path(folder))
    env = environment()
    print(f"{env['processor']}, {env['threads']} threads, torch {env['torch']}, Python {env['python']}; n = {rounds}\n")
    print("| process | seconds, median (lowest to highest) |\n| --- | --- |")
    for name, own in seconds.items():
        print(f"| {name} | {statistics.median(own):.2f} ({min(own):.2f} to {max(own):.2f}) |")


def measured(rounds: int, folder: Path) -> dict[str, list[float]]:
    """Run every child once per round; return their seconds by round."""
    commands = {
        "luthier train digits": [str(HERE / "first_step.py")],
        "plain script": [str(HERE / "plain_script.py")],
        "import torch": ["-c", "import torch, time; print(time.monotonic())"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name in random.sample(list(commands), len(commands)):
            more = [str(folder / f"run-{number}")] if name.startswith("luthier") else []
            taken = started([*commands[name], *more])
            seconds[name] += [taken] if number else []
    return seconds


def started(arguments: list[str]) -> float:
    """Start Python; return the seconds until the moment that it prints, on the clock that all processes share."""
    began = time.monotonic()
    child = subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True)
    return float(child.stdout) - began


if __name__ == "__main__":
    main()
