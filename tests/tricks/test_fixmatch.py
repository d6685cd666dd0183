"""FixMatch: two moons, the loss written out, views of pictures, rows and sequences."""

import warnings

import numpy as np
import pytest
import torch
from sklearn.datasets import make_moons

from luthier.core.errors import BadInput
from luthier.data import Dataset
from luthier.data.loader import reside
from luthier.testing.material import Shade, pictures, rows
from luthier.testing.training import begun, prepared
from luthier.tricks import FixMatch, Moment
from luthier.tricks.fixmatch import STRONG, WEAK, consistency
from luthier.tricks.views import spread

CPU = torch.device("cpu")


def moons(labelled: int = 4) -> tuple[Dataset, np.ndarray]:
    """Two moons, of which a few examples of each class are labelled; and 300 without labels."""
    X, y = make_moons(600, noise=0.08, random_state=0)
    X = X.astype(np.float32)
    few = np.concatenate([np.flatnonzero(y[:300] == k)[:labelled] for k in (0, 1)])
    keep = np.concatenate((few, np.arange(300, 600)))
    return Dataset("moons", X[keep], y[keep], ("up", "down"), np.arange(len(keep)) >= len(few)), X[:300]


def accuracy(tricks: list, seed: int) -> float:
    dataset, unlabelled = moons()
    sections = {
        "seed": seed,
        "model": {"name": "mlp", "width": 32},
        "split": {"validation": 0.0},
        "training": {"epochs": 400, "batch_size": 8},
        "optimizer": {"name": "adam", "learning_rate": 0.01},
        "schedule": "cosine",
        "tricks": tricks,
    }
    made = prepared(sections, dataset=dataset, extra={"unlabelled": unlabelled})
    done = begun(lambda: made.assembly).advance()
    batch = next(made.test.in_order())
    with torch.no_grad():
        answers = done.assembly.network.eval()(batch.inputs).argmax(1)
    return float((answers == batch.label).float().mean())


def test_two_moons_are_told_apart_by_four_examples_each():
    """The labels alone leave the tips of the moons to chance; with the other examples the border follows the gap."""
    trick = FixMatch(ratio=20, noise=0.25, weight=2.0)
    plain, taught = ([accuracy(tricks, seed) for seed in (0, 1, 2)] for tricks in ([], [trick]))
    assert min(taught) > 0.97 and all(b > a + 0.05 for a, b in zip(plain, taught, strict=True)), (plain, taught)
