"""What generalised cross-entropy saves where 30% of the labels that are trained on are wrong.

    python benchmarks/noisy_labels.py [--examples 2000] [--epochs 25] [--seeds 6]

LeNet-5 on some training examples of MNIST by the default recipe; the seed draws them and gives 30% of them another
class, all others alike. Error on the whole test part with the last weights, paired with cross-entropy by seed, with a
95% t interval. There is no validation part and nothing is chosen by these figures.
"""

import argparse
from dataclasses import replace

import numpy as np
import torch

from luthier.data import Dataset, load
from luthier.recipe.build import prepare
from luthier.recipe.read import read_recipe
from luthier.recipe.resolve import resolve
from luthier.stats import mean_interval
from luthier.training import choose_final_network, evaluate, start, train

WRONG = 0.3
LOSSES = ("cross-entropy", "generalised-cross-entropy")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--seeds", type=int, default=6)
    options = parser.parse_args()
    mnist = load("mnist")
    found: dict[str, list[float]] = {loss: [] for loss in LOSSES}
    for seed in range(options.seeds):
        dataset = flipped(mnist, seed)
        for loss in LOSSES:
            found[loss].append(error(dataset, loss, options, seed))
        print(f"seed {seed}: " + ", ".join(f"{loss} {found[loss][-1]:.2%}" for loss in LOSSES), flush=True)
    plain, robust = (found[loss] for loss in LOSSES)
    gain = mean_interval([b - a for a, b in zip(robust, plain, strict=True)])
    print(f"error: plain {np.mean(plain):.2%}, robust {np.mean(robust):.2%}")
    words = f"{100 * gain.estimate:.2f} points fewer"
    print(f"{words} (95% interval {100 * gain.low:.2f} to {100 * gain.high:.2f}, n = {gain.n})")


def flipped(dataset: Dataset, seed: int) -> Dataset:
    """Give 30% of the examples outside the test part another class."""
    rng = np.random.default_rng(seed)
    own = np.flatnonzero(~dataset.official_test)
    wrong = rng.choice(own, round(WRONG * len(own)), replace=False)
    labels = dataset.labels.copy()
    labels[wrong] = (labels[wrong] + rng.integers(1, len(dataset.classes), len(wrong))) % len(dataset.classes)
    return replace(dataset, labels=labels)


def error(dataset: Dataset, loss: str, options: argparse.Namespace, seed: int) -> float:
    """Train once; return the share of the test part that is answered wrongly."""
    split = {"validation": 0.0, "examples": options.examples}
    values = {"seed": seed, "loss": loss, "split": split, "training": {"epochs": options.epochs}}
    prepared = prepare(resolve(read_recipe({"model": "lenet5", **values}), dataset), dataset, torch.device("cpu"))
    state = start(prepared.trainer)
    for _ in train(prepared.trainer, state):
        pass
    result = evaluate(choose_final_network(prepared.trainer, state), prepared.test, prepared.trainer.loss)
    return 1 - result.metrics["accuracy"]


if __name__ == "__main__":
    main()
