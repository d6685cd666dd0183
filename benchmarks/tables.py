"""Two tables written to CSV, beside scikit-learn's multilayer perceptron on the same folds.

Luthier trains its default recipe and recipes/mlp-table.toml. scikit-learn's network stands behind a scaler, for values
between two, with its defaults and with its own early stopping. The recipe was chosen in other folds than these.

python benchmarks/tables.py [FOLDS [DEALS]]
"""

import csv
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import luthier
from luthier.stats import resampled_interval

TABLES = {
    "breast cancer, accuracy": (load_breast_cancer, StratifiedKFold, "classification", "accuracy"),
    "diabetes, R2": (load_diabetes, KFold, "regression", "r2"),
}
OURS = {"defaults": None, "mlp-table.toml": Path(__file__).parents[1] / "recipes" / "mlp-table.toml"}
THEIRS = {"defaults": {}, "early stopping": {"max_iter": 2000, "early_stopping": True}}


def main(folds: int = 10, deals: int = 2) -> None:
    print(f"{'table':25}{'Luthier':>23}{'scikit-learn':>23}   difference, 95% interval, n = {folds * deals}")
    for name, (load, splitter, task, metric) in TABLES.items():
        bunch = load()
        parts = [
            np.isin(np.arange(len(bunch.data)), test)
            for deal in range(1, deals + 1)
            for _, test in splitter(folds, shuffle=True, random_state=deal).split(bunch.data, bunch.target)
        ]
        theirs = {
            other: np.array([score(bunch, test, task, settings, seed) for seed, test in enumerate(parts)])
            for other, settings in THEIRS.items()
        }
        for own, recipe in OURS.items():
            mine = np.array([trained(bunch, test, (task, metric), recipe, seed) for seed, test in enumerate(parts)])
            for other, scores in theirs.items():
                show(name, f"{own} {mine.mean():.4f}", f"{other} {scores.mean():.4f}", mine - scores, folds)


def show(name, mine, theirs, differences, folds):
    interval = resampled_interval(differences.tolist(), 1 / (folds - 1))
    print(f"{name:25}{mine:>23}{theirs:>23}   {differences.mean():+.4f} ({interval.low:+.4f} to {interval.high:+.4f})")


def trained(bunch, in_test, asked, recipe, seed):
    """Score on the test rows of a run on the table in a file. asked: the task and the metric."""
    task, metric = asked
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*bunch.feature_names, "part", "target"])
            for row, part, target in zip(bunch.data, np.where(in_test, "test", "train"), bunch.target, strict=True):
                writer.writerow([*row, part, target])
        run = luthier.train(path, recipe=recipe, task=task, seed=seed, out=Path(folder) / "run", quiet=True)
        return run.result["test"][metric]


def score(bunch, in_test, task, settings, seed):
    """Score of scikit-learn's network on the same rows."""
    network = MLPClassifier if task == "classification" else MLPRegressor
    pipeline = make_pipeline(StandardScaler(), network(random_state=seed, **settings))
    if task == "regression":
        pipeline = TransformedTargetRegressor(pipeline, transformer=StandardScaler())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        pipeline.fit(bunch.data[~in_test], bunch.target[~in_test])
    return pipeline.score(bunch.data[in_test], bunch.target[in_test])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
