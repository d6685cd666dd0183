"""What balanced sampling and class weights do for a class of which few examples are left.

    python benchmarks/imbalance.py [--epochs 5] [--seeds 12]

LeNet-5 on the bundled digits by the default recipe, and by recipes/imbalanced-digits.toml, with one class cut to 5% of
its training examples; the recall of that class on the whole test part, and the accuracy, paired with the plain recipe
by seed, with 95% t intervals. All are trained for as many epochs.
"""

import argparse
import dataclasses
from pathlib import Path

import numpy as np
import torch

from luthier.data import Dataset, load
from luthier.data.split import mark_test
from luthier.recipe.build import prepare
from luthier.recipe.read import read_recipe
from luthier.recipe.resolve import resolve
from luthier.recipe.values import read_toml
from luthier.stats import mean_interval
from luthier.stats.metrics import confusion_matrix
from luthier.training import choose_final_network, evaluate, start, train

CUT, LEFT = 8, 0.05
RECIPE = Path(__file__).parents[1] / "recipes" / "imbalanced-digits.toml"
WAYS = {
    "plain": {},
    "balanced sampling": {"sampling": "balanced"},
    "square-root-balanced sampling": {"sampling": "square-root-balanced"},
    "class weights": {"training": {"class_weights": "balanced"}},
    RECIPE.name: read_toml(RECIPE),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=12)
    options = parser.parse_args()
    dataset = cut(load("digits"))
    print(f"{np.count_nonzero(dataset.labels[~dataset.official_test] == CUT)} examples of {CUT} are left to train on")
    found = {way: [measured(dataset, way, options.epochs, seed) for seed in range(options.seeds)] for way in WAYS}
    for number, metric in enumerate((f"recall of {CUT}", "accuracy")):
        plain = [one[number] for one in found["plain"]]
        print(f"{metric}: plain {np.mean(plain):.1%}")
        for way in list(WAYS)[1:]:
            values = [one[number] for one in found[way]]
            gain = mean_interval([a - b for a, b in zip(values, plain, strict=True)])
            words = f"{np.mean(values):.1%}, {100 * gain.estimate:+.1f} points"
            print(f"  {way}: {words} (95% interval {100 * gain.low:+.1f} to {100 * gain.high:+.1f}, n = {gain.n})")


def cut(dataset: Dataset) -> Dataset:
    """Leave 5% of the training examples of one class; the test part stays whole."""
    test = mark_test(dataset)
    of_class = np.flatnonzero(~test & (dataset.labels == CUT))
    gone = of_class[round(len(of_class) * LEFT) :]
    keep = np.setdiff1d(np.arange(len(dataset)), gone)
    return dataclasses.replace(
        dataset, inputs=dataset.inputs[keep], labels=dataset.labels[keep], official_test=test[keep]
    )


def measured(dataset: Dataset, way: str, epochs: int, seed: int) -> tuple[float, float]:
    """Train once; return the recall of the cut class and the accuracy on the test part."""
    values = {**WAYS[way], "seed": seed, "split": {"validation": 0.0}}
    values["training"] = {**values.get("training", {}), "epochs": epochs}
    prepared = prepare(resolve(read_recipe(values), dataset), dataset, torch.device("cpu"))
    state = start(prepared.trainer)
    for _ in train(prepared.trainer, state):
        pass
    result = evaluate(choose_final_network(prepared.trainer, state), prepared.test, prepared.trainer.loss)
    matrix = confusion_matrix(result.logits.numpy(), result.labels.numpy())
    return float(matrix[CUT, CUT] / matrix[CUT].sum()), result.metrics["accuracy"]


if __name__ == "__main__":
    main()
