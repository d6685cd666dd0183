"""Feeds damaged inputs to the readers and to the command line, and counts what becomes of them.

    python benchmarks/fuzz [--inputs N] [--commands N] [--seed N] [--only KIND,KIND] [--input NUMBER]

Every input is read in a child process with a bound on its memory and its time. A failure is what a user must never
meet: a traceback, an end of the process, more than 10 seconds, more than 2 GB. The same seed makes the same inputs;
--input does one of them again, here, and keeps its file.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.update(OMP_NUM_THREADS="1", LUTHIER_OFFLINE="1")

import readers
import runs
import torch
from command import run_commands
from readers import KINDS, Input
from watch import Tally, watch

KINDS["run"] = (runs.SHARE, runs.run_directory)
RECIPES = Path(__file__).resolve().parents[2] / "recipes"


def main() -> None:
    asked = _parse()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        os.environ.update({name: str(home / name) for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME")})
        os.chdir(home)
        _prepare(home, asked.only)
        if asked.input is not None:
            print(make(asked.seed, asked.input, asked.only, home).path)
            print(attempt(asked.seed, asked.input, asked.only, Path(tempfile.mkdtemp())))
            return
        sys.exit(_run(asked, home))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1000, help="damaged inputs for the readers")
    parser.add_argument("--commands", type=int, default=0, help="damaged inputs for the command line")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--only", type=lambda names: tuple(names.split(",")), default=tuple(KINDS), help="kinds of inputs"
    )
    parser.add_argument("--input", type=int, help="number of the one input to read here")
    return parser.parse_args()


def _prepare(home: Path, only: tuple[str, ...]) -> None:
    """Make the valid files that are damaged."""
    readers.PICTURES.extend(readers.make_pictures())
    readers.RECIPES.extend(one.read_text() for one in sorted(RECIPES.glob("*.toml")))
    if "run" in only:
        (home / "whole").mkdir()
        runs.WHOLE.extend(runs.make_runs(home / "whole"))


def kind_of(seed: int, number: int, only: tuple[str, ...]) -> str:
    """Draw the kind of an input."""
    return random.Random(f"{seed}/{number}").choices(only, [KINDS[name][0] for name in only])[0]


def make(seed: int, number: int, only: tuple[str, ...], folder: Path) -> Input:
    """Make an input in a folder."""
    kind = kind_of(seed, number, only)
    return KINDS[kind][1](random.Random(f"{seed}/{number}/{kind}"), folder)


def attempt(seed: int, number: int, only: tuple[str, ...], folder: Path) -> str:
    """Make an input and have it read."""
    return readers.attempt(make(seed, number, only, folder))


def _run(asked: argparse.Namespace, home: Path) -> int:
    began = time.monotonic()
    work = home / "work"
    work.mkdir()
    failures = 0
    if asked.inputs:
        tally = watch(
            range(asked.inputs), lambda k: kind_of(asked.seed, k, asked.only),
            lambda k: attempt(asked.seed, k, asked.only, work),
        )  # fmt: skip
        failures += report("readers", tally)
    if asked.commands:
        failures += report(
            "commands", run_commands(asked.commands, lambda k: make(asked.seed + 1, k, asked.only, work), home)
        )
    print(f"{failures} failures in {time.monotonic() - began:.0f} s")
    return 1 if failures else 0


def report(what: str, tally: Tally) -> int:
    """Print counts by kind, and each way to fail with the first inputs that do; return the number of failures."""
    total = sum(tally.counts.values())
    print(
        f"{what}: {total} inputs, slowest {tally.slowest:.1f} s, at most {tally.largest / 1e6:.0f} MB beyond "
        f"the libraries"
    )
    kinds: dict[str, dict[str, Any]] = {}
    for (kind, outcome), count in sorted(tally.counts.items()):
        kinds.setdefault(kind, {})[outcome] = count
    for kind, outcomes in kinds.items():
        print(f"  {kind}: " + ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()))
    for failure, numbers in sorted(tally.failures.items(), key=lambda one: -len(one[1])):
        print(f"  FAIL {len(numbers)}x {failure} (inputs {', '.join(map(str, numbers[:3]))})")
    return sum(map(len, tally.failures.values()))


if __name__ == "__main__":
    main()
