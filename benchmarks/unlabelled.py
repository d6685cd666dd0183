"""What examples without labels bring beside 10 labelled ones of each class of MNIST.

    python benchmarks/unlabelled.py [--epochs 150] [--seeds 6] [--ways fixmatch,mean-teacher,pseudo-labels]

LeNet-5, two steps an epoch, with light augmentation. The seed draws the labelled examples; the other training pictures
are given without their labels, to the rounds of pseudo-labels only the first thousands of them, for their trainings see
every one in each epoch. Error on the whole test part with the last weights, paired with the same recipe without the
trick by seed, with 95% t intervals. There is no validation part and nothing is chosen by these figures.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch

from luthier.api import train_pseudo_labels
from luthier.data import Dataset, load
from luthier.data.config import DataConfig
from luthier.recipe.build import prepare
from luthier.recipe.read import read_recipe
from luthier.recipe.resolve import resolve
from luthier.stats import mean_interval
from luthier.training import choose_final_network, evaluate, start, train

LABELLED = 100
ROUNDS, POOL = 2, 5000
"""Rounds of pseudo-labels, and how many examples without labels they are given."""
BASE = {
    "model": "lenet5",
    "initialiser": {"name": "he-normal", "output": 1.0},  # as in recipes/fixmatch-mnist.toml
    "split": {"validation": 0.0, "examples": LABELLED},
    "augment": {"rotation": {"degrees": 10.0}, "translation": {"share": 0.07}},
}
WAYS = {"plain": {}, "fixmatch": {"fixmatch": {}}, "mean-teacher": {"mean-teacher": {}}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=150)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--ways", default="fixmatch,mean-teacher")
    options = parser.parse_args()
    dataset = load("mnist", data_config=DataConfig(unlabelled="mnist"))
    found: dict[str, list[float]] = {}
    for way in ("plain", *options.ways.split(",")):
        began = time.monotonic()
        measure = error_after_rounds if way == "pseudo-labels" else error
        found[way] = [measure(dataset, way, options.epochs, seed) for seed in range(options.seeds)]
        seconds = (time.monotonic() - began) / options.seeds
        each = ", ".join(f"{one:.2%}" for one in found[way])
        print(f"{way}: error {sum(found[way]) / options.seeds:.2%} ({each}), {seconds:.0f} s a training", flush=True)
        if way != "plain":
            gain = mean_interval([b - a for a, b in zip(found[way], found["plain"], strict=True)])
            words = f"{100 * gain.estimate:.2f} points fewer errors"
            print(f"  {words} (95% interval {100 * gain.low:.2f} to {100 * gain.high:.2f}, n = {gain.n})", flush=True)


def error(dataset: Dataset, way: str, epochs: int, seed: int) -> float:
    """Train once; return the share of the test part that is answered wrongly."""
    values = {**BASE, "seed": seed, "training": {"epochs": epochs}, "tricks": WAYS[way]}
    data = dataset if WAYS[way] else replace(dataset, unlabelled=None)
    prepared = prepare(resolve(read_recipe(values), data), data, torch.device("cpu"))
    state = start(prepared.trainer)
    for _ in train(prepared.trainer, state):
        pass
    result = evaluate(choose_final_network(prepared.trainer, state), prepared.test, prepared.trainer.loss)
    return 1 - result.metrics["accuracy"]


def error_after_rounds(dataset: Dataset, way: str, epochs: int, seed: int) -> float:
    """Train in rounds of pseudo-labels; return the share of the test part that the last network answers wrongly."""
    assert dataset.unlabelled is not None
    values = {**BASE, "seed": seed, "training": {"epochs": epochs}}
    with tempfile.TemporaryDirectory() as folder:
        answer = train_pseudo_labels(
            "mnist",
            rounds=ROUNDS,
            recipe=values,
            unlabelled=dataset.unlabelled.inputs[:POOL],
            out=Path(folder) / "study",
            quiet=True,
        )
    return 1 - answer["test"]["mean"]


if __name__ == "__main__":
    main()
