"""A search beside one that is written with plain Optuna and PyTorch: pictures a second, and how good what they find is.

    LUTHIER_DATA=... python benchmarks/tuning.py [--studies 5] [--trials 16] [--epochs 3] [--pictures 12000]

Both search the same space around LeNet-5 on MNIST's first training pictures, 10% of them for validation, with the same
number of trials of the same length, none stopped early, so that both train on as many pictures. They run in turns, in a
new order for each study, each in a process of its own with all cores. The time is that of the whole process, from its
start; Luthier's includes starting its workers and the run of the recipe that is kept, whose pictures count too. The
best recipe of each search is then trained by Luthier under further seeds, and tested on MNIST's test part: validation
scores of searches are optimistic.
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
from luthier.bench.compare import ratio
from luthier.data import Dataset, load, split
from luthier.environment import environment
from luthier.recipe import with_value
from luthier.stats import mean_interval

HERE = Path(__file__).parent
RETRAINED = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in {"studies": 5, "trials": 16, "epochs": 3, "pictures": 12_000}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    dataset = first_pictures(options.pictures)
    with tempfile.TemporaryDirectory() as folder:
        found = measured(dataset, options, Path(folder))
    tell(found, options)


def first_pictures(count: int) -> Dataset:
    """MNIST's first training pictures, and all of its test part."""
    mnist = load("mnist")
    assert mnist.official_test is not None
    keep = np.concatenate([np.flatnonzero(~mnist.official_test)[:count], np.flatnonzero(mnist.official_test)])
    return replace(mnist, inputs=mnist.inputs[keep], labels=mnist.labels[keep], official_test=mnist.official_test[keep])


def measured(dataset: Dataset, options: argparse.Namespace, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Run both searches once for each study; return what each found."""
    found: dict[str, list[dict[str, Any]]] = {"luthier": [], "plain": []}
    for study in range(options.studies):
        files = written(dataset, study, folder)
        for name in random.Random(study).sample(list(found), 2):
            script = [str(HERE / f"{'luthier' if name == 'luthier' else 'plain'}_tuning.py"), str(files)]
            ask = [*script, str(study), str(options.trials), str(options.epochs)]
            began = time.monotonic()
            child = subprocess.run([sys.executable, *ask], check=True, stdout=subprocess.PIPE, text=True)
            one = json.loads(child.stdout.splitlines()[-1])
            one["seconds"] = one["ended"] - began  # the clock is one for all processes
            one["test"] = tested(dataset, one["params"], options.epochs, folder / f"{name}-{study}")
            found[name].append(one)
            speed = one["images"] / one["seconds"]
            print(f"study {study}, {name}: {one['images']:,} pictures in {one['seconds']:.1f} s, {speed:,.0f}/s, "
                  f"validation {one['score']:.2%}, tested {one['test']:.2%}", flush=True)  # fmt: skip
    return found


def written(dataset: Dataset, seed: int, folder: Path) -> Path:
    """Write the parts under a seed for the plain script."""
    parts, path = split(dataset, seed), folder / f"{seed}.npz"
    np.savez(
        path,
        X_train=dataset.inputs[parts.train][..., 0], y_train=dataset.labels[parts.train],
        X_valid=dataset.inputs[parts.validation][..., 0], y_valid=dataset.labels[parts.validation],
        X_test=dataset.inputs[parts.test][..., 0], y_test=dataset.labels[parts.test],
    )  # fmt: skip
    return path


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


def tell(found: dict[str, list[dict[str, Any]]], options: argparse.Namespace) -> None:
    ours, plain = found["luthier"], found["plain"]
    speeds = [[one["images"] / one["seconds"] for one in arm] for arm in (ours, plain)]
    faster = ratio(*speeds)
    env = environment()
    print(f"\n{env['processor']}, torch {env['torch']}, Python {env['python']}; {options.studies} studies, "
          f"{options.trials} trials of {options.epochs} epochs; space {', '.join(SPACE)}")  # fmt: skip
    for name, own in zip(found, speeds, strict=True):
        print(f"{name}: {statistics.median(own):,.0f} pictures/s ({min(own):,.0f} to {max(own):,.0f})")
    print(f"luthier / plain: {faster['estimate']:.2f} (95% interval {faster['low']:.2f} to {faster['high']:.2f})")
    for key, words in (("score", "best validation score"), ("test", "test accuracy of the best recipe")):
        gain = mean_interval([100 * (a[key] - b[key]) for a, b in zip(ours, plain, strict=True)])
        print(f"{words}: {statistics.mean(one[key] for one in ours):.2%} beside "
              f"{statistics.mean(one[key] for one in plain):.2%}, {gain.estimate:+.2f} points "
              f"({gain.low:+.2f} to {gain.high:+.2f}, n = {gain.n} pairs)")  # fmt: skip


if __name__ == "__main__":
    main()
