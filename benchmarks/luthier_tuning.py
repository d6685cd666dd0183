"""The search of `tuning.py` by Luthier; prints what it found as JSON.

python benchmarks/luthier_tuning.py FILE.npz SEED TRIALS EPOCHS
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from plain_tuning import SPACE

import luthier
from luthier.data import Dataset
from luthier.recipe.values import with_value
from luthier.study.tune import tune


def main() -> None:
    file, seed, trials, epochs = sys.argv[1], *map(int, sys.argv[2:5])
    data = np.load(file)
    parts = [(data[f"X_{name}"], data[f"y_{name}"]) for name in ("train", "valid", "test")]
    inputs, labels = (np.concatenate([one[kind] for one in parts]) for kind in (0, 1))
    sizes = [len(one[1]) for one in parts]
    test = np.repeat([False, False, True], sizes)
    classes = tuple(map(str, range(10)))
    dataset = Dataset("first pictures", inputs[..., None], labels, classes, official_test=test)
    space: dict[str, object] = {}
    for path, (low, high) in SPACE.items():
        space = with_value(space, path, {"low": low, "high": high})
    recipe = {"seed": seed, "training": {"epochs": epochs}, "model": "lenet5", "data": {"size": 28}}
    with tempfile.TemporaryDirectory() as folder:
        found = tune(
            dataset, recipe=recipe, space=space, trials=trials, pruner="none", race_seeds=0, fresh_seeds=0,
            out=Path(folder) / "study", quiet=True,
        )  # fmt: skip
        ended = time.monotonic()
        last = luthier.load(found["run"]).result
    best = found["trial_list"][found["best"]["trial"]]
    images = found["search"]["examples"] + round(last["seconds"] * last["examples_per_second"])
    tried = [one["params"] for one in found["trial_list"]]
    result = {"ended": ended, "images": images, "score": best["score"], "params": best["params"], "tried": tried}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
