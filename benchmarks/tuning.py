"""A search beside one that is written with plain Optuna and PyTorch: pictures a second, and how good what they find is.

    LUTHIER_DATA=... python benchmarks/tuning.py [--studies 5] [--trials 16] [--epochs 3] [--pictures 12000]

Both search the same space around LeNet-5 on MNIST's first training pictures, 10% of them for validation, with the same
number of trials of the same length, none stopped early, so that both train on as many pictures. They run in turns, in a
new order for each study, each in a process of its own with all cores. What they try differs, and a large network in
small batches takes several times as long as a small one in large batches: so the plain script also trains the very
trials that Luthier tried. The time is that of the whole process, from its start; Luthier's includes starting its
workers and the run of the recipe that is kept, whose pictures count too. The best recipe of each search is then trained
by Luthier under further seeds, and tested on MNIST's test part: validation scores of searches are optimistic.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from plain_tuning import SPACE

import luthier
from luthier.data import Dataset, load
from luthier.data.split import split
from luthier.recipe.values import with_value
from luthier.run.provenance import environment
from luthier.stats import mean_interval
from luthier.testing.bench.contest import compare_speeds

HERE = Path(__file__).parent
SCRIPTS = {"luthier": "luthier_tuning.py", "plain": "plain_tuning.py", "plain, Luthier's trials": "plain_tuning.py"}
OURS, PLAIN, SAME = SCRIPTS
RETRAINED = 3

Found = dict[str, list[dict[str, Any]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in {"studies": 5, "trials": 16, "epochs": 3, "pictures": 12_000}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    dataset, found = first_pictures(options.pictures), {name: list[dict[str, Any]]() for name in SCRIPTS}
    with tempfile.TemporaryDirectory() as folder:
        for study in range(options.studies):
            for name, one in studied(dataset, study, options, Path(folder) / str(study)).items():
                found[name].append(one)
    tell(found, options)


def first_pictures(count: int) -> Dataset:
    """MNIST's first training pictures, and all of its test part."""
    mnist = load("mnist")
    assert mnist.official_test is not None
    keep = np.concatenate([np.flatnonzero(~mnist.official_test)[:count], np.flatnonzero(mnist.official_test)])
    return replace(mnist, inputs=mnist.inputs[keep], labels=mnist.labels[keep], official_test=mnist.official_test[keep])


def studied(dataset: Dataset, study: int, options: argparse.Namespace, folder: Path) -> dict[str, dict[str, Any]]:
    """Run each search once; return what each found, in the order of `SCRIPTS`."""
    folder.mkdir()
    file, given = written(dataset, study, folder), folder / "tried.json"
    ask = [str(file), str(study), str(options.trials), str(options.epochs)]
    found = {}
    for name in [*random.Random(study).sample([OURS, PLAIN], 2), SAME]:
        found[name] = searched([SCRIPTS[name], *ask, *([str(given)] if name == SAME else [])])
        if name == OURS:
            given.write_text(json.dumps(found[name]["tried"]))
        if name != SAME:
            found[name]["test"] = tested(dataset, found[name]["params"], options.epochs, folder / name)
        say(study, name, found[name])
    return {name: found[name] for name in SCRIPTS}


def written(dataset: Dataset, seed: int, folder: Path) -> Path:
    """Write the parts under a seed for the scripts."""
    parts, path = split(dataset, seed), folder / "parts.npz"
    np.savez(
        path,
        X_train=dataset.inputs[parts.train][..., 0], y_train=dataset.labels[parts.train],
        X_valid=dataset.inputs[parts.validation][..., 0], y_valid=dataset.labels[parts.validation],
        X_test=dataset.inputs[parts.test][..., 0], y_test=dataset.labels[parts.test],
    )  # fmt: skip
    return path


def searched(command: list[str]) -> dict[str, Any]:
    """Run a script in a process of its own; return what it found, and the seconds since the process was started."""
    began = time.monotonic()
    ask = [sys.executable, str(HERE / command[0]), *command[1:]]
    child = subprocess.run(ask, check=True, stdout=subprocess.PIPE, text=True)
    found = dict(json.loads(child.stdout.splitlines()[-1]))
    found["seconds"] = found["ended"] - began  # the clock is one for all processes
    found["speed"] = found["images"] / found["seconds"]
    return found


def tested(dataset: Dataset, params: dict[str, Any], epochs: int, folder: Path) -> float:
    """Mean test accuracy of a recipe, trained by Luthier under seeds that no search used."""
    recipe: dict[str, Any] = {"training": {"epochs": epochs}}
    for path, value in params.items():
        recipe = with_value(recipe, path, value)
    runs = [
        luthier.train(dataset, recipe={**recipe, "seed": 1000 + seed}, out=folder / str(seed), quiet=True)
        for seed in range(RETRAINED)
    ]
    return statistics.mean(run.result["test"]["accuracy"] for run in runs)


def say(study: int, name: str, one: dict[str, Any]) -> None:
    later = f", tested {one['test']:.2%}" if "test" in one else ""
    print(f"study {study}, {name}: {one['images']:,} pictures in {one['seconds']:.1f} s, {one['speed']:,.0f}/s, "
          f"validation {one['score']:.2%}{later}", flush=True)  # fmt: skip


def tell(found: Found, options: argparse.Namespace) -> None:
    speeds = {name: [one["speed"] for one in arm] for name, arm in found.items()}
    env = environment()
    print(f"\n{env['processor']}, torch {env['torch']}, Python {env['python']}; {options.studies} studies, "
          f"{options.trials} trials of {options.epochs} epochs; space {', '.join(SPACE)}")  # fmt: skip
    for name, own in speeds.items():
        print(f"{name}: {statistics.median(own):,.0f} pictures/s ({min(own):,.0f} to {max(own):,.0f})")
    for name in (PLAIN, SAME):
        faster = compare_speeds(speeds[OURS], speeds[name])
        print(f"{OURS} / {name}: {faster['estimate']:.2f} (95% interval {faster['low']:.2f} to {faster['high']:.2f})")
    for key, words in (("score", "best validation score"), ("test", "test accuracy of the best recipe")):
        ours, plain = ([100 * one[key] for one in found[name]] for name in (OURS, PLAIN))
        gain = mean_interval([a - b for a, b in zip(ours, plain, strict=True)])
        print(f"{words}: {statistics.mean(ours):.2f}% beside {statistics.mean(plain):.2f}%, "
              f"{gain.estimate:+.2f} points ({gain.low:+.2f} to {gain.high:+.2f}, n = {gain.n} pairs)")  # fmt: skip


if __name__ == "__main__":
    main()
